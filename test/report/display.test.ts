import assert from "node:assert/strict";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { type Bundle, isDisplayable, jupyterDisplay, newDisplay, show } from "../../lib/report/display";

type Sent = { content: { data: Record<string, unknown>; metadata: unknown; transient: unknown }; update: boolean };

/** What `run` sends to the front end when this process is a kernel. */
async function sentBy(run: () => void | Promise<void>): Promise<Sent[]> {
  const jupyter = require("tslab/dist/jupyter") as { lastWriteDisplayData: unknown };
  const sent: Sent[] = [];
  jupyter.lastWriteDisplayData = (content: Sent["content"], update: boolean) => sent.push({ content, update });
  try {
    await run();
  } finally {
    jupyter.lastWriteDisplayData = null;
  }
  return sent;
}

/** What `run` prints. */
function printedBy(run: () => void): string {
  const write = process.stdout.write;
  let text = "";
  process.stdout.write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof write;
  try {
    run();
  } finally {
    process.stdout.write = write;
  }
  return text;
}

test("a bundle reaches the front end whole, bytes as base64", async () => {
  const png = new Uint8Array([1, 2, 3]);
  const sent = await sentBy(() =>
    show({ "text/plain": "dot", "image/png": png, "application/x+json": { a: [1] } }, { metadata: { width: 3 } }),
  );
  assert.deepEqual(sent, [
    {
      content: {
        data: { "text/plain": "dot", "image/png": "AQID", "application/x+json": { a: [1] } },
        metadata: { width: 3 },
        transient: {},
      },
      update: false,
    },
  ]);
});

test("a display is created once and then redrawn in place", async () => {
  const sent = await sentBy(() => {
    const display = newDisplay();
    display.show({ "text/plain": "1 of 2" });
    display.show({ "text/plain": "2 of 2" });
  });
  assert.deepEqual(
    sent.map(({ update }) => update),
    [false, true],
  );
  assert.deepEqual(sent[0]!.content.transient, sent[1]!.content.transient);
  assert.notDeepEqual(sent[0]!.content.transient, {});
});

test("a value describes itself, at once or later", async () => {
  const value = { [jupyterDisplay]: async (): Promise<Bundle> => ({ "text/plain": "late" }) };
  assert.ok(isDisplayable(value));
  assert.ok(!isDisplayable({ "text/plain": "a bundle" }));
  const sent = await sentBy(() => show(value));
  assert.equal(sent[0]!.content.data["text/plain"], "late");
  assert.equal(jupyterDisplay, Symbol.for("Jupyter.display"));
});

test("outside a kernel the text is printed", () => {
  assert.equal(
    printedBy(() => show({ "text/plain": "a chart", "text/html": "<svg/>" })),
    "a chart\n",
  );
});

test("a bundle that nobody could show is refused", () => {
  assert.throws(() => show({ html: "<b/>", "text/plain": "" }), SignalbookError);
  assert.throws(() => show({ "text/html": "<b/>" } as unknown as Bundle), /without text/);
  assert.throws(() => show({ "text/plain": "x" }, { update: true }), /displayId/);
});
