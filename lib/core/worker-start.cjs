"use strict";
/** Where a worker thread of lib/core/worker-pool.ts begins: takes the modules that come with it, then waits for tasks. */
const { parentPort, workerData } = require("node:worker_threads");

const { module: entry, shared, sources } = workerData;
// Also makes require look for .ts files where an import names no extension.
require.extensions[".ts"] = (module, file) => {
  const source = sources.get(file);
  if (source === undefined) throw new Error(`${file}: not among the modules of this worker; import it at the top`);
  module._compile(source, file);
};
const run = require(entry).prepare(shared);

parentPort.on("message", async ({ index, task }) => {
  try {
    parentPort.postMessage({ index, result: await run(task) });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    parentPort.postMessage({ index, failure: { message, stack } });
  }
});
