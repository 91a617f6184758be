"use strict";
/** Where a worker thread of lib/core/workers.ts begins: loads TypeScript from source, then the work, then waits for tasks. */
const { join, resolve } = require("node:path");
const { parentPort, workerData } = require("node:worker_threads");

const root = resolve(__dirname, "..", "..");
require("ts-node").register({ project: join(root, "tsconfig.json"), transpileOnly: true });
const run = require(workerData.module).prepare(workerData.shared);

parentPort.on("message", async ({ index, task }) => {
  try {
    parentPort.postMessage({ index, result: await run(task) });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    parentPort.postMessage({ index, failure: { message, stack } });
  }
});
