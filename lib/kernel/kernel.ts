/**
 * The kernel process: tslab 1.0.22 for the language, our compiler, session and server around it. See start.cjs for how
 * it is started, and jupyter/kernels/tslab/kernel.json for how Jupyter finds it.
 */
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { CellSession, type ProjectModules } from "./cells";
import { KernelServer, log, type RequestHandler, type WriteDisplayData } from "./server";
import type { ConnectionInfo } from "./wire";

/** The tslab this kernel was fitted to: what it takes from tslab is not an interface tslab promises to keep. */
const FITTED_TO = "1.0.22";
/** The exit code of a kernel that could not bind its ports: whoever started it picks others. */
export const PORT_TAKEN = 98;

type HandlerClass = new (executor: unknown, isJs: boolean) => RequestHandler;

/** Starts the kernel described by a connection file. The process ends at a shutdown request or with its parent. */
export function startKernel(connectionFile: string): void {
  // TensorFlow and its libraries print to standard error when they load; what is wrong is told by exceptions instead
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  const modules = require("./modules.cjs") as ProjectModules;
  const { tslabRequire } = modules;
  const { version } = tslabRequire("./package.json") as { version: string };
  if (version !== FITTED_TO) throw new Error(`this kernel was fitted to tslab ${FITTED_TO}; tslab ${version} is here`);

  const connection = JSON.parse(readFileSync(connectionFile, "utf8")) as ConnectionInfo;
  const session = new CellSession(modules);
  process.on("uncaughtException", (error) => session.noteStray(error));
  process.on("unhandledRejection", (reason) => session.noteStray(reason));
  process.on("SIGINT", () => session.interrupt());

  const jupyter = tslabRequire("./dist/jupyter") as {
    JupyterHandlerImpl: HandlerClass;
    lastWriteDisplayData: WriteDisplayData | null;
  };
  const typescript = tslabRequire("@tslab/typescript-for-tslab") as { version: string };
  class Handler extends jupyter.JupyterHandlerImpl {
    override handleKernel(): Record<string, unknown> {
      const info = super.handleKernel() as { language_info: object };
      return {
        ...info,
        implementation_version: version,
        language_info: { ...info.language_info, version: typescript.version },
        banner: `TypeScript ${typescript.version} on Node ${process.versions.node} (tslab ${version})`,
      };
    }
  }
  const exit = (): void => {
    setTimeout(() => process.exit(0), 50); // the last messages leave first
  };
  const server = new KernelServer(connection, session, new Handler(session.executor, false), exit);
  jupyter.lastWriteDisplayData = server.writeDisplayData;
  modules.keepLoaded();
  endWithParent();
  server.listen().catch((error: unknown) => {
    log(`cannot listen: ${error instanceof Error ? error.message : error}`);
    process.exit((error as { code?: string }).code === "EADDRINUSE" ? PORT_TAKEN : 1);
  });
}

/**
 * Ends this process when the one that started it is gone, even in the middle of a loop that never yields: a thread of
 * its own looks. Jupyter names the parent in JPY_PARENT_PID; one started through a shell in between is left alone.
 */
function endWithParent(): void {
  const parent = Number(process.env.JPY_PARENT_PID);
  if (process.ppid !== parent) return;
  const watch = `
    const { workerData: parent } = require("node:worker_threads");
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 1000);
  `;
  new Worker(watch, { eval: true, workerData: parent }).unref();
}
