/** Draws the interactive copy of a figure when a reader opens it. Vega is loaded with the first one. */
(() => {
  const folder = document.currentScript.src.replace(/report\.js.*$/, "");
  const specs = new Map();
  const loading = new Map();

  // A figure's file calls this with its specification.
  window.signalbookFigure = (file, spec) => specs.set(file, spec);

  const load = (src) => {
    if (!loading.has(src)) {
      loading.set(
        src,
        new Promise((loaded, failed) => {
          const script = document.createElement("script");
          script.src = src;
          script.onload = loaded;
          script.onerror = () => failed(new Error(`${src} could not be loaded`));
          document.head.append(script);
        }),
      );
    }
    return loading.get(src);
  };

  const draw = async (details) => {
    const view = details.querySelector(".view");
    view.textContent = "Loading …";
    try {
      const address = details.dataset.figure;
      await load(`${folder}vega.min.js`);
      await Promise.all([load(`${folder}vega-lite.min.js`), load(address)]);
      const { vega, vegaLite } = window;
      const { spec } = vegaLite.compile(specs.get(address.split("/").pop()));
      view.textContent = "";
      await new vega.View(vega.parse(spec), { renderer: "svg", container: view, hover: true }).runAsync();
    } catch (error) {
      view.textContent = `The interactive copy can't be shown: ${error.message}`;
    }
  };

  for (const details of document.querySelectorAll("details[data-figure]")) {
    details.addEventListener("toggle", () => draw(details), { once: true });
  }
})();
