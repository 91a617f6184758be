import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type KernelProcess, type Reply, startKernelProcess } from "../../lib/kernel/kernel-process";
import type { Content, Message } from "../../lib/kernel/wire";
import { fixtures } from "./run";

const timeoutMs = 120_000;
let kernel: KernelProcess;

before(async () => {
  kernel = await startKernelProcess({ name: "tslab", cwd: fixtures, env: { SIGNALBOOK_EPOCHS: "3" } });
});
after(() => kernel.end());

interface Heard {
  reply: Reply;
  messages: Message[];
  types: string[];
}

async function run(code: string, more: Content = {}, heard?: (message: Message) => void): Promise<Heard> {
  const messages: Message[] = [];
  const onOutput = (message: Message): void => {
    messages.push(message);
    heard?.(message);
  };
  const content = { code, silent: false, store_history: true, allow_stdin: false, ...more };
  const reply = await kernel.request("execute_request", content, { onOutput, timeoutMs });
  return { reply, messages, types: messages.map(({ header }) => header.msg_type) };
}

function ask(type: string, content: Content = {}): Promise<Content> {
  return kernel.request(type, content, { timeoutMs }).then((reply) => reply.content);
}

/** Not in the moment a cell's synchronous part ends: Node's vm loses a signal that comes just then. */
function interrupt(): void {
  setTimeout(() => process.kill(kernel.pid!, "SIGINT"), 200);
}

test("the kernel says what it is", async () => {
  const info = await ask("kernel_info_request");
  assert.equal(info.status, "ok");
  assert.equal(info.protocol_version, "5.3");
  const language = info.language_info as Record<string, string>;
  assert.deepEqual([language.name, language.file_extension, language.version], ["typescript", ".ts", "5.0.4"]);
});

test("a cell tells its input, its output and its result, in this order", async () => {
  const { reply, types, messages } = await run('console.log(process.env.SIGNALBOOK_EPOCHS);\n"value"');
  assert.deepEqual(types, ["execute_input", "stream", "execute_result"]);
  assert.equal(messages[0]!.content.execution_count, 1);
  assert.equal(messages[1]!.content.text, "3\n");
  assert.equal(messages[2]!.content.execution_count, 1);
  const { status, execution_count: count, user_expressions: expressions } = reply.content;
  assert.deepEqual([status, count, expressions], ["ok", 1, {}]);
});

test("counts count what the protocol counts", async () => {
  const count = async (code: string, more: Content = {}): Promise<unknown> =>
    (await run(code, more)).reply.content.execution_count;
  const start = (await count("1")) as number;
  assert.equal(await count("  \n"), start, "an empty cell is none");
  assert.equal(await count("2", { store_history: false }), start, "one that is not kept is not counted");
  assert.equal(await count("throw new Error()", { stop_on_error: false }), start + 1, "one that fails is");
  const silent = await run('console.log("printed all the same");\n3', { silent: true, store_history: false });
  assert.deepEqual([silent.reply.content.execution_count, silent.types], [start + 1, ["stream"]]);
});

test("a failed cell says so in an error message and in its reply", async () => {
  const { reply, messages, types } = await run('throw new RangeError("out of it");');
  assert.deepEqual(types, ["execute_input", "error"]);
  const { status, ename, evalue, traceback } = reply.content;
  assert.deepEqual([status, ename, evalue], ["error", "RangeError", "out of it"]);
  assert.deepEqual(messages[1]!.content, { ename, evalue, traceback });
  assert.deepEqual(reply.metadata, { line: 1 });
});

test("requests that wait behind a failure are aborted, unless the client wants them run", async () => {
  const failing = 'throw new Error("first");';
  const stopped = await Promise.all([run(failing), run("1"), run("2")]);
  assert.deepEqual(
    stopped.map(({ reply }) => reply.content.status),
    ["error", "aborted", "aborted"],
  );
  const passed = await Promise.all([run(failing, { stop_on_error: false }), run("1")]);
  assert.deepEqual(
    passed.map(({ reply }) => reply.content.status),
    ["error", "ok"],
  );
  assert.equal((await run("3")).reply.content.status, "ok", "what is sent after the failure runs");
});

test("questions are answered while a cell runs", async () => {
  await run("const sampleRate = 250;\nlet answered = false;");
  const order: string[] = [];
  const slow = run("while (!answered) await new Promise((resolve) => setTimeout(resolve, 10));").then(() =>
    order.push("cell"),
  );
  const complete = await ask("complete_request", { code: "sampleR", cursor_pos: 7 });
  assert.deepEqual([complete.matches, complete.cursor_start, complete.cursor_end], [["sampleRate"], 0, 7]);
  const inspected = await ask("inspect_request", { code: "sampleRate", cursor_pos: 3, detail_level: 0 });
  assert.match(String((inspected.data as Content)["text/plain"]), /const sampleRate: 250/);
  order.push("questions");
  await ask("is_complete_request", { code: "for (;;) {" }).then(({ status }) => assert.equal(status, "incomplete"));
  await ask("comm_info_request").then(({ comms }) => assert.deepEqual(comms, {}));
  await ask("history_request").then(({ history }) => assert.deepEqual(history, []));
  // the cell cannot be told in a cell that waits behind it: an interrupt ends it
  interrupt();
  await slow;
  assert.deepEqual(order, ["questions", "cell"]);
});

test("an interrupt ends a cell that awaits and one that loops; the kernel goes on", async () => {
  for (const code of ["console.log(1);\nawait new Promise(() => {});", "console.log(1);\nfor (;;);"]) {
    const { reply } = await run(code, {}, (message) => {
      if (message.header.msg_type === "stream") interrupt();
    });
    assert.deepEqual([reply.content.status, reply.content.ename], ["error", "Interrupted"]);
  }
  assert.equal((await run("4")).reply.content.status, "ok");
});

test("work that takes the cell's signal is stopped by an interrupt", async () => {
  await run('import { cellSignal } from "../../../lib/core/cell-signal";\nconst seen: AbortSignal[] = [];');
  const code = `seen.push(cellSignal());
console.log("trains");
while (!seen[0]!.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
console.log("ended by itself");`;
  let printed = "";
  const { reply } = await run(code, {}, ({ header, content }) => {
    if (header.msg_type === "stream") printed += content.text;
    if (printed === "trains\n") interrupt();
  });
  assert.equal(reply.content.ename, "Interrupted");
  const { messages } = await run(
    "await new Promise((resolve) => setTimeout(resolve, 50));\n[seen[0]!.aborted, cellSignal().aborted]",
  );
  assert.deepEqual(messages.at(-1)!.content.data, { "text/plain": "[ true, false ]" });
  // the work may print its last line with its own cell or with the next
  const late = messages.filter(({ header }) => header.msg_type === "stream").map(({ content }) => content.text);
  assert.equal(printed + late.join(""), "trains\nended by itself\n");
});

test("a value whose description fails, fails its cell", async () => {
  const { reply } = await run('({ [Symbol.for("Jupyter.display")]() { throw new Error("no picture"); } })');
  assert.equal(reply.content.evalue, "no picture");
});
