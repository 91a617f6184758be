import type * as zmq from "zeromq";

type Frames = (Buffer | string)[];

/**
 * Sends messages on one socket in order, at once when it can. zeromq.js takes some five hundred messages in one turn of
 * the event loop and throws EBUSY at the next: a cell that prints a lot in one loop would lose lines.
 */
export class Outbox {
  private readonly waiting: Frames[] = [];
  private last: Promise<void> = Promise.resolve();

  /** @param onLoss hears of a message that could not be sent. */
  constructor(
    private readonly socket: zmq.Publisher | zmq.Router,
    private readonly onLoss: (error: unknown) => void,
  ) {}

  send(frames: Frames): void {
    if (this.waiting.length === 0 && this.attempt(frames)) return;
    this.waiting.push(frames);
    if (this.waiting.length === 1) void this.drain();
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.last;
      let sent = 0;
      while (sent < this.waiting.length && this.attempt(this.waiting[sent]!)) sent++;
      this.waiting.splice(0, sent);
    }
  }

  /** @returns false when the socket is busy with the message before. */
  private attempt(frames: Frames): boolean {
    try {
      this.last = this.socket.send(frames).catch(this.onLoss);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "EBUSY") return false;
      this.onLoss(error);
      return true;
    }
  }
}
