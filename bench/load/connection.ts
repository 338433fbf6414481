import type { Socket } from "bun";

/** Called with the status and body of an answer. */
export type OnAnswer = (status: number, body: Buffer) => void;

/**
 * One exchange after another over a bare socket, because a client library would use more CPU than what is measured.
 * Answers need a content-length.
 */
export class Connection {
  #socket: Socket | undefined;
  #unsent: Buffer | undefined;
  #chunks: Buffer[] = [];
  #head: { readonly status: number; readonly length: number } | undefined;
  #received = 0;
  #onAnswer: OnAnswer = () => {};

  static async open({ hostname, port }: URL, onLost: (error: Error) => void): Promise<Connection> {
    const connection = new Connection();
    const lost = () => onLost(new Error(`${hostname}:${port} closed a connection`));
    connection.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data: (_socket, chunk) => connection.#take(chunk),
        drain: () => connection.#write(),
        close: lost,
        error: (_socket, error) => onLost(error),
      },
    });
    connection.#socket.setNoDelay(true);
    return connection;
  }

  /** @param onAnswer called with the status and body of the complete answer */
  exchange(request: Buffer, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#unsent = request;
    this.#write();
  }

  #write(): void {
    if (this.#unsent === undefined) return;
    const sent = this.#socket?.write(this.#unsent) ?? 0;
    this.#unsent = sent < this.#unsent.length ? this.#unsent.subarray(sent) : undefined;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#head === undefined) this.#takeHead();
    if (this.#head === undefined || this.#received < this.#head.length) return;
    const body = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const { status } = this.#head;
    this.#chunks = [];
    this.#received = 0;
    this.#head = undefined;
    this.#onAnswer(status, body ?? Buffer.alloc(0));
  }

  /** Leaves the received part of the body. */
  #takeHead(): void {
    const bytes = Buffer.concat(this.#chunks);
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = bytes.toString("latin1", 0, end);
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without content-length:\n${head}`);
    this.#head = { status: Number(head.slice(9, 12)), length: Number(length) };
    this.#chunks = [bytes.subarray(end + 4)];
    this.#received = bytes.length - end - 4;
  }
}
