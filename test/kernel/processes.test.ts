import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { projectRoot } from "../../lib/core/files";
import { runNotebooks } from "../../lib/kernel";
import { startKernelProcess } from "../../lib/kernel/kernel-process";
import { execute, fixtures, scratch } from "./run";

/** Whether a process lives; a zombie nobody has waited for does not. */
function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, seconds: number, what: string): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition(); ) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const notebook of ["slow-await", "slow-loop"])
  test(`${notebook}: a cell over its time ends the run, and its kernel`, async () => {
    const started = Date.now();
    const { run, cells } = await execute(notebook, { cellTimeoutSeconds: 4 });
    assert.equal(run.failure?.kind, "timeout");
    assert.match(run.failure.message, /cell 1: the cell took longer than 4 s/);
    assert.ok(Date.now() - started < 40_000);
    const shown = cells[0]!.outputs.at(-1);
    assert.ok(shown?.output_type === "error" && shown.evalue.includes("longer than 4 s"));
    assert.deepEqual(cells[1], { count: null, outputs: [] });
  });

test("a taken port is noticed at once, and others are tried", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    const kernel = await startKernelProcess({ name: "tslab", cwd: fixtures, ports: [port, port, port, port, port] });
    const reply = await kernel.request("execute_request", { code: "1" }, { timeoutMs: 60_000 });
    assert.equal(reply.content.status, "ok");
    await kernel.end();
  } finally {
    server.close();
  }
});

test("with a kernel ends what its cells started", async () => {
  const kernel = await startKernelProcess({ name: "tslab", cwd: fixtures });
  let printed = "";
  const code =
    'import { spawn } from "node:child_process";\nconsole.log(spawn("sleep", ["600"]).pid);\nvoid setInterval(() => {}, 1000);';
  await kernel.request(
    "execute_request",
    { code },
    {
      timeoutMs: 60_000,
      onOutput: ({ header, content }) => {
        if (header.msg_type === "stream") printed += content.text;
      },
    },
  );
  const sleeper = Number(printed);
  assert.ok(lives(sleeper), `cell printed ${JSON.stringify(printed)}`);
  await kernel.end();
  assert.ok(!lives(kernel.pid!));
  await until(() => !lives(sleeper), 5, "the cell's child lives on");
});

test("a kernel in an endless loop ends with the process that started it, killed though it was", async () => {
  const script = `
    require("ts-node/register/transpile-only");
    const { startKernelProcess } = require("./lib/kernel/kernel-process");
    startKernelProcess({ name: "tslab", cwd: "." }).then((kernel) =>
      kernel.request("execute_request", { code: 'console.log("loops"); for (;;);' }, {
        timeoutMs: 600_000,
        onOutput: ({ header }) => header.msg_type === "stream" && console.log(kernel.pid),
      }));
  `;
  const runner = spawn(process.execPath, ["-e", script], { cwd: projectRoot, stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<number>((resolve) =>
    runner.stdout.once("data", (text) => resolve(Number(String(text)))),
  );
  assert.ok(lives(pid));
  runner.kill("SIGKILL");
  await until(() => !lives(pid), 15, "the kernel was left behind");
});

test("an aborted run ends with its kernel, and the list with it", async () => {
  const controller = new AbortController();
  const list = ["slow-await", "throws"].map((name) => ({
    notebook: join(fixtures, `${name}.ipynb`),
    output: scratch(`${name}.ipynb`),
    cellTimeoutSeconds: 60,
    signal: controller.signal,
    onEvent: (event: { type: string }) => {
      if (event.type === "cell-start") setTimeout(() => controller.abort(), 100);
    },
  }));
  const runs = await runNotebooks(list, { continueAfterFailure: true });
  assert.deepEqual(
    runs.map(({ failure }) => failure?.kind),
    ["aborted"],
  );
  assert.ok(existsSync(scratch("slow-await.ipynb")), "what was computed is kept");
});

test("the list stops at a failure, or goes on when it may", async () => {
  const list = ["throws", "expected-failure"].map((name) => ({
    notebook: join(fixtures, `${name}.ipynb`),
    output: scratch(`${name}.ipynb`),
    cellTimeoutSeconds: 120,
  }));
  const kinds = async (continueAfterFailure: boolean): Promise<(string | undefined)[]> =>
    (await runNotebooks(list, { continueAfterFailure })).map(({ failure }) => failure?.kind);
  assert.deepEqual(await kinds(false), ["cell"]);
  assert.deepEqual(await kinds(true), ["cell", undefined]);
});

test("a kernel the project does not have is named", async () => {
  await assert.rejects(startKernelProcess({ name: "python3", cwd: fixtures }), (error: unknown) => {
    assert.ok(error instanceof SignalbookError);
    assert.match(error.message, /found "python3"; expected "tslab"/);
    return true;
  });
});
