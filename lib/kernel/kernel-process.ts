/** A kernel process of the project and the line to it: started, asked, ended, and never left behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as zmq from "zeromq";
import { SignalbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { address, type ConnectionInfo, type Content, createMessage, decode, encode, type Message } from "./wire";

/** The folder to name in JUPYTER_PATH: the project's kernelspecs. */
export const kernelspecFolder: string = join(projectRoot, "lib", "kernel", "jupyter");

/** The exit code of a kernel that found one of its ports taken (kernel.ts). */
const PORT_TAKEN = 98;
const START_ATTEMPTS = 5;
const START_SECONDS = 60;
/** How much of what the process itself prints is kept, to be shown when it dies. */
const LOG_CHARACTERS = 4000;

export interface KernelOptions {
  /** The kernelspec's name. */
  name: string;
  cwd: string;
  env?: Record<string, string | undefined>;
  signal?: AbortSignal;
  /** The ports to try first; for tests of a clash. */
  ports?: readonly number[];
}

/** The kernel process ended by itself. */
export class KernelDied extends SignalbookError {}
/** A request was not answered in its time. */
export class NoReply extends SignalbookError {}

/** A request's answer: the reply on the shell channel. */
export interface Reply {
  content: Content;
  metadata: Content;
}

const alive = new Set<KernelProcess>();
process.on("exit", () => {
  for (const kernel of alive) kernel.kill();
});

/**
 * Starts a kernel and waits until it answers. A port that was free and is taken when the kernel binds it is noticed at
 * once, and other ports are tried.
 * @throws KernelDied when it does not come up.
 */
export async function startKernelProcess(options: KernelOptions): Promise<KernelProcess> {
  const argv = kernelCommand(options.name);
  for (let attempt = 1; ; attempt++) {
    const ports = (attempt === 1 && options.ports) || (await freePorts(5));
    const kernel = new KernelProcess(argv, options, ports);
    try {
      await kernel.ready();
      return kernel;
    } catch (error) {
      await kernel.end();
      if (kernel.exitCode !== PORT_TAKEN || attempt === START_ATTEMPTS) throw error;
    }
  }
}

export class KernelProcess {
  /** What the kernel says of the language: goes into the executed notebook. */
  languageInfo: Content = {};
  private readonly connection: ConnectionInfo;
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly shell = new zmq.Dealer({ linger: 0, reconnectInterval: 20 });
  private readonly control = new zmq.Dealer({ linger: 0, reconnectInterval: 20 });
  private readonly iopub = new zmq.Subscriber({ linger: 0, reconnectInterval: 20, receiveHighWaterMark: 0 });
  /** By the id of the request: who hears its replies and outputs. */
  private readonly listeners = new Map<string, (message: Message) => void>();
  private readonly died: Promise<never>;
  private printed = "";
  private ending = false;

  constructor(argv: (connectionFile: string) => string[], options: KernelOptions, ports: readonly number[]) {
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports as [
      number,
      number,
      number,
      number,
      number,
    ];
    this.connection = {
      transport: "tcp",
      ip: "127.0.0.1",
      key: randomUUID(),
      signature_scheme: "hmac-sha256",
      ...{ shell_port, iopub_port, stdin_port, control_port, hb_port },
    };
    this.folder = mkdtempSync(join(tmpdir(), "signalbook-kernel-"));
    const file = join(this.folder, "connection.json");
    writeFileSync(file, JSON.stringify(this.connection), { mode: 0o600 });
    const [command, ...args] = argv(file) as [string, ...string[]];
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env, JPY_PARENT_PID: String(process.pid) },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own, so that what its cells start ends with it
    });
    alive.add(this);
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.printed = (this.printed + text).slice(-LOG_CHARACTERS);
      });
    this.died = new Promise((_, reject) => {
      this.child.once("error", (cause) => reject(new KernelDied("the kernel cannot be started", { cause })));
      this.child.once("close", () => reject(this.deathNote()));
    });
    this.died.catch(() => undefined);
    this.shell.connect(address(this.connection, shell_port));
    this.control.connect(address(this.connection, control_port));
    this.iopub.connect(address(this.connection, iopub_port));
    this.iopub.subscribe();
    for (const socket of [this.shell, this.control, this.iopub]) void this.receive(socket);
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Waits until requests are answered and outputs arrive: a subscription takes a moment to reach the kernel. */
  async ready(): Promise<void> {
    const end = Date.now() + START_SECONDS * 1000;
    for (;;) {
      try {
        const { content } = await this.request("kernel_info_request", {}, { timeoutMs: 500 });
        this.languageInfo = content.language_info as Content;
        return;
      } catch (error) {
        if (!(error instanceof NoReply) || Date.now() > end) throw error;
      }
    }
  }

  /**
   * Sends a request; resolves with its reply when the kernel is idle again, so after its last output.
   * @throws KernelDied, NoReply after `timeoutMs`, or the signal's reason.
   */
  async request(
    type: string,
    content: Content,
    { onOutput, timeoutMs, signal }: { onOutput?: (message: Message) => void; timeoutMs: number; signal?: AbortSignal },
  ): Promise<Reply> {
    const message = createMessage(type, content);
    const id = message.header.msg_id;
    let timer: NodeJS.Timeout | undefined;
    let abort: (() => void) | undefined;
    const answered = new Promise<Reply>((resolve, reject) => {
      let reply: Reply | undefined;
      let idle = false;
      this.listeners.set(id, (answer) => {
        const answerType = answer.header.msg_type;
        if (answerType.endsWith("_reply")) reply = { content: answer.content, metadata: answer.metadata };
        else if (answerType === "status") idle = answer.content.execution_state === "idle";
        else onOutput?.(answer);
        if (reply !== undefined && idle) resolve(reply);
      });
      timer = setTimeout(() => reject(new NoReply(`no reply in ${timeoutMs / 1000} s`)), timeoutMs);
      abort = () => reject(signal?.reason);
      if (signal?.aborted) abort();
      signal?.addEventListener("abort", abort);
    });
    answered.catch(() => undefined);
    try {
      await this.shell.send(encode(message, this.connection.key));
      return await Promise.race([answered, this.died]);
    } finally {
      clearTimeout(timer);
      if (abort) signal?.removeEventListener("abort", abort);
      this.listeners.delete(id);
    }
  }

  /** Asks the kernel to end, and ends it when it does not. Afterwards no process and no file is left. */
  async end(graceMs = 1000): Promise<void> {
    this.ending = true;
    if (this.running) {
      const message = createMessage("shutdown_request", { restart: false });
      void this.control.send(encode(message, this.connection.key)).catch(() => undefined);
      const timer = setTimeout(() => this.kill(), graceMs);
      await this.died.catch(() => undefined);
      clearTimeout(timer);
    }
    this.kill();
    alive.delete(this);
    for (const socket of [this.shell, this.control, this.iopub]) socket.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends the kernel and everything it started, at once. */
  kill(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // ended already
    }
  }

  private get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private deathNote(): KernelDied {
    const { exitCode, signalCode } = this.child;
    const how = signalCode === null ? `exit code ${exitCode}` : signalCode;
    const said = this.printed.trim().split("\n").slice(-3).join(" | ");
    return new KernelDied(`the kernel ended (${how})`, { found: said === "" ? undefined : said });
  }

  private async receive(socket: zmq.Dealer | zmq.Subscriber): Promise<void> {
    try {
      for await (const frames of socket) {
        const message = this.read(frames as Buffer[]);
        if (message !== null) this.listeners.get(message.parent.msg_id ?? "")?.(message);
      }
    } catch (error) {
      if (!this.ending) throw error; // else: a socket closed while it was read
    }
  }

  /** A message of our kernel; null for one of another kernel that took a port meant for ours: its key is another. */
  private read(frames: Buffer[]): Message | null {
    try {
      return decode(frames, this.connection.key);
    } catch {
      return null;
    }
  }
}

/** @throws SignalbookError when the project has no kernel of that name. */
function kernelCommand(name: string): (connectionFile: string) => string[] {
  const folder = join(kernelspecFolder, "kernels", name);
  let spec: { argv: string[] };
  try {
    spec = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8")) as { argv: string[] };
  } catch (cause) {
    throw new SignalbookError("a notebook for another kernel", {
      found: JSON.stringify(name),
      expected: '"tslab" as metadata.kernelspec.name',
      cause,
    });
  }
  return (file) =>
    spec.argv.map((part) =>
      part === "node" ? process.execPath : part.replace("{resource_dir}", folder).replace("{connection_file}", file),
    );
}

/** Ports that are free now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
