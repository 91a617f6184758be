/**
 * The kernel's side of Jupyter's protocol 5.3: sockets, requests, and what a cell says while it runs.
 * What tslab's own server lacks or does otherwise: `execute_input`, `execute_result` and `error` messages, counts that
 * count as the protocol does, `stop_on_error`, requests that wait their turn, and a bind that fails is told at once.
 */
import { writeSync } from "node:fs";
import * as zmq from "zeromq";
import type { CellOutcome, CellSession } from "./cells";
import { Outbox } from "./outbox";
import { address, type ConnectionInfo, type Content, createMessage, decode, encode, type Message } from "./wire";

/** The requests tslab answers well by itself: JupyterHandlerImpl (dist/jupyter.d.ts). */
export interface RequestHandler {
  handleKernel(): Content;
  handleIsComplete(content: Content): Content;
  handleInspect(content: Content): Content;
  handleComplete(content: Content): Content;
}

/** Sends a display_data message, or an update of one; public.js of tslab calls it. */
export type WriteDisplayData = (content: Content, update?: boolean) => void;

interface Waiting {
  socket: zmq.Router;
  request: Message;
}

/** After a failure, how long requests that are already under way are waited for, to be told that they are not run. */
const DRAIN_MS = 30;
/** A kernel that got no cell for so long is one a person looks at. */
const WARM_UP_MS = 700;

export class KernelServer {
  private readonly iopub = new zmq.Publisher({ linger: 500, sendHighWaterMark: 0 });
  private readonly shell = new zmq.Router({ linger: 500, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
  private readonly control = new zmq.Router({ linger: 500, sendHighWaterMark: 0 });
  private readonly stdin = new zmq.Router({ linger: 0 });
  private readonly heartbeat = new zmq.Reply({ linger: 0 });
  private readonly outboxes = new Map<zmq.Publisher | zmq.Router, Outbox>();
  private readonly waiting: Waiting[] = [];
  private busy = false;
  private count = 0;
  /** The request whose cell owns what is printed now; a cell's late output still goes to it. */
  private owner: Message | undefined;

  constructor(
    private readonly connection: ConnectionInfo,
    private readonly session: CellSession,
    private readonly handler: RequestHandler,
    private readonly exit: () => void,
  ) {}

  /** Binds the five sockets and answers from then on. @throws Error of the first port that cannot be bound. */
  async listen(): Promise<void> {
    const { connection } = this;
    const sockets: [zmq.Publisher | zmq.Router | zmq.Reply, number][] = [
      [this.iopub, connection.iopub_port],
      [this.shell, connection.shell_port],
      [this.control, connection.control_port],
      [this.stdin, connection.stdin_port],
      [this.heartbeat, connection.hb_port],
    ];
    for (const [socket, port] of sockets) await socket.bind(address(connection, port));
    void this.receive(this.shell);
    void this.receive(this.control);
    void this.echo();
    this.captureStream("stdout");
    this.captureStream("stderr");
    setTimeout(() => this.warmUp(), WARM_UP_MS).unref();
  }

  /** Shows a bundle in the cell that runs, or replaces one shown before. */
  readonly writeDisplayData: WriteDisplayData = (content, update) => {
    this.publish(update ? "update_display_data" : "display_data", content, this.owner);
  };

  /** Nobody has asked for a cell yet: somebody is reading the notebook, and the first cell will be quick. */
  private warmUp(): void {
    if (this.owner !== undefined) return;
    try {
      this.session.warmUp();
    } catch (error) {
      log(`warming up failed: ${error}`);
    }
  }

  private async receive(socket: zmq.Router): Promise<void> {
    for await (const frames of socket) {
      let request: Message;
      try {
        request = decode(frames, this.connection.key);
      } catch (error) {
        log(`a message is left out: ${error}`);
        continue;
      }
      if (request.header.msg_type === "execute_request") {
        this.waiting.push({ socket, request });
        if (!this.busy) void this.work();
      } else {
        this.answer(socket, request);
      }
    }
  }

  private async echo(): Promise<void> {
    for await (const frames of this.heartbeat) await this.heartbeat.send(frames);
  }

  /** Answers a request that runs no cell; it does not wait for the cell that runs. */
  private answer(socket: zmq.Router, request: Message): void {
    const type = request.header.msg_type;
    this.publishStatus("busy", request);
    try {
      const content = this.reply(type, request.content);
      if (content === null) log(`nobody answers ${type}`);
      else this.send(socket, type.replace("_request", "_reply"), content, request);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      const content = { status: "error", ename: name, evalue: message, traceback: [] };
      this.send(socket, type.replace("_request", "_reply"), content, request);
    }
    this.publishStatus("idle", request);
    // a front end shows the last status it heard, and the cell goes on
    if (this.busy && this.owner !== undefined) this.publishStatus("busy", this.owner);
    if (type === "shutdown_request") this.exit();
  }

  private reply(type: string, content: Content): Content | null {
    switch (type) {
      case "kernel_info_request":
        return { status: "ok", ...this.handler.handleKernel() };
      case "is_complete_request":
        return this.handler.handleIsComplete(content);
      case "inspect_request":
        return this.handler.handleInspect(content);
      case "complete_request":
        return this.handler.handleComplete(content);
      case "comm_info_request":
        return { status: "ok", comms: {} };
      case "history_request":
        return { status: "ok", history: [] };
      case "interrupt_request":
        this.session.interrupt();
        return { status: "ok" };
      case "shutdown_request":
        return { status: "ok", restart: content.restart === true };
      default:
        return null;
    }
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await this.execute(next);
    this.busy = false;
  }

  private async execute({ socket, request }: Waiting): Promise<void> {
    const { code, silent = false, store_history: history = !silent, stop_on_error: stop = true } = request.content;
    const text = String(code ?? "");
    const counted = history === true && silent === false && text.trim() !== "";
    const count = counted ? ++this.count : this.count;
    this.owner = request;
    this.publishStatus("busy", request);
    if (!silent) this.publish("execute_input", { code: text, execution_count: count }, request);
    const outcome = await this.outcome(text, count);
    if (outcome.status === "ok") {
      if (outcome.result !== undefined && !silent)
        this.publish("execute_result", { data: outcome.result, metadata: {}, execution_count: count }, request);
      const content = { status: "ok", execution_count: count, user_expressions: {}, payload: [] };
      this.finish(socket, request, content);
      return;
    }
    const { line, ...failure } = outcome.failure;
    if (!silent) this.publish("error", failure, request);
    const content = { status: "error", execution_count: count, ...failure };
    if (stop === true) await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    const stopped = stop === true ? this.waiting.splice(0) : [];
    this.finish(socket, request, content, { line });
    for (const each of stopped) {
      this.publishStatus("busy", each.request);
      this.finish(each.socket, each.request, { status: "aborted", execution_count: this.count });
    }
  }

  /** What becomes of a cell; an empty one only tells whether work left behind has failed. */
  private async outcome(text: string, count: number): Promise<CellOutcome> {
    if (text.trim() !== "") return this.session.run(text, count);
    await new Promise((resolve) => setImmediate(resolve));
    return this.session.hasStray ? this.session.failStray(count) : { status: "ok" };
  }

  private finish(socket: zmq.Router, request: Message, content: Content, metadata?: Content): void {
    this.send(socket, "execute_reply", content, request, metadata);
    this.publishStatus("idle", request);
  }

  private captureStream(name: "stdout" | "stderr"): void {
    const decoder = new TextDecoder();
    type Callback = (error?: Error | null) => void;
    const write = (chunk: string | Uint8Array, encoding?: string | Callback, callback?: Callback): boolean => {
      const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      if (this.owner === undefined) log(text.trimEnd());
      else if (text !== "") this.publish("stream", { name, text }, this.owner);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done !== undefined) process.nextTick(done);
      return true;
    };
    process[name].write = write as typeof process.stdout.write;
  }

  private publishStatus(state: "busy" | "idle", request: Message): void {
    this.publish("status", { execution_state: state }, request);
  }

  private publish(type: string, content: Content, parent: Message | undefined): void {
    const message = createMessage(type, content, parent);
    message.identities = [Buffer.from(type)]; // the topic
    this.write(this.iopub, message);
  }

  private send(socket: zmq.Router, type: string, content: Content, request: Message, metadata?: Content): void {
    this.write(socket, createMessage(type, content, request, metadata));
  }

  private write(socket: zmq.Publisher | zmq.Router, message: Message): void {
    let outbox = this.outboxes.get(socket);
    if (outbox === undefined) {
      outbox = new Outbox(socket, (error) => log(`a message is lost: ${error}`));
      this.outboxes.set(socket, outbox);
    }
    outbox.send(encode(message, this.connection.key));
  }
}

/** To whoever started the kernel, never into a cell. */
export function log(text: string): void {
  try {
    writeSync(2, `[kernel] ${text}\n`);
  } catch {
    // nobody reads it any more
  }
}
