/**
 * Jupyter's wire protocol 5.3: one message is a list of ZeroMQ frames,
 * `[identity ..., "<IDS|MSG>", HMAC-SHA256 of the rest, header, parent header, metadata, content]`, the last four JSON.
 * Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
 */
import { createHmac, randomUUID } from "node:crypto";

/** What the connection file says: where the kernel listens, and the key that signs messages. */
export interface ConnectionInfo {
  transport: string;
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  [name: string]: unknown;
}

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

export type Content = Record<string, unknown>;

export interface Message {
  /** ROUTER's envelopes; empty for messages from a DEALER or to a SUB. */
  identities: Buffer[];
  header: Header;
  /** The header of the request this message answers; empty when it answers none. */
  parent: Partial<Header>;
  metadata: Content;
  content: Content;
}

const DELIMITER = "<IDS|MSG>";

/** The address of one of the kernel's sockets. */
export function address({ transport, ip }: ConnectionInfo, port: number): string {
  return `${transport}://${ip}${transport === "ipc" ? "-" : ":"}${port}`;
}

/** A new message. `parent` is the message it answers: its identities and session are taken over. */
export function createMessage(type: string, content: Content, parent?: Message, metadata: Content = {}): Message {
  return {
    identities: parent?.identities ?? [],
    header: {
      msg_id: randomUUID(),
      msg_type: type,
      session: parent?.header.session ?? randomUUID(),
      username: parent?.header.username ?? "signalbook",
      date: new Date().toISOString(),
      version: "5.3",
    },
    parent: parent?.header ?? {},
    metadata,
    content,
  };
}

/** The frames of `message`, signed with `key`; an empty key means unsigned, as the protocol has it. */
export function encode(message: Message, key: string): (Buffer | string)[] {
  const { header, parent, metadata, content } = message;
  const parts = [header, parent, metadata, content].map((part) => JSON.stringify(part));
  return [...message.identities, DELIMITER, signature(parts, key), ...parts];
}

/** @throws Error when the frames are no message or the signature is not made with `key`. */
export function decode(frames: readonly Buffer[], key: string): Message {
  const at = frames.findIndex((frame) => frame.equals(Buffer.from(DELIMITER)));
  if (at < 0 || frames.length < at + 6) throw new Error("a Jupyter message without its delimiter or too short");
  const parts = frames.slice(at + 2, at + 6).map((frame) => frame.toString("utf8"));
  if (frames[at + 1]!.toString("utf8") !== signature(parts, key)) throw new Error("a Jupyter message wrongly signed");
  const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part) as never);
  return { identities: frames.slice(0, at), header: header!, parent: parent!, metadata: metadata!, content: content! };
}

function signature(parts: readonly string[], key: string): string {
  if (key === "") return "";
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
