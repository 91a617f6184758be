/** Set-up's voice: whole lines on standard error, and progress that rewrites its line on a terminal. */

/**
 * @typedef {{ say(line: string): void, progress(label: string): { update(text: string): void, done(text: string): void } }} Voice
 * @param {{ stream?: NodeJS.WriteStream, prefix?: string }} [options]
 * @returns {Voice}
 */
export function createVoice({ stream = process.stderr, prefix = "set-up: " } = {}) {
  /** The running progress lines, oldest first: a terminal shows them joined in one line. */
  const running = new Map();
  let shown = 0;

  const clear = () => {
    if (shown > 0) stream.write(`\r${" ".repeat(shown)}\r`);
    shown = 0;
  };
  const draw = () => {
    if (!stream.isTTY || running.size === 0) return;
    clear();
    const line = (prefix + [...running].map(([label, text]) => `${label} ${text}`).join(" | ")).slice(
      0,
      (stream.columns ?? 80) - 1,
    );
    stream.write(line);
    shown = line.length;
  };
  const say = (line) => {
    clear();
    stream.write(`${prefix}${line}\n`);
    draw();
  };
  return {
    say,
    progress(label) {
      let last = Date.now();
      running.set(label, "");
      return {
        update(text) {
          running.set(label, text);
          if (stream.isTTY) return draw();
          // A log keeps every line: one in five seconds says enough.
          if (Date.now() - last < 5000) return;
          last = Date.now();
          say(`${label} ${text}`);
        },
        done(text) {
          clear();
          running.delete(label);
          say(`${label} ${text}`);
        },
      };
    },
  };
}

/** "274 MB", "1.2 GB": decimal units, as package indexes count. */
export function megabytes(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/** "8 s", "2 min 5 s". */
export function seconds(milliseconds) {
  const total = Math.round(milliseconds / 1000);
  return total < 60 ? `${total} s` : `${Math.floor(total / 60)} min ${total % 60} s`;
}
