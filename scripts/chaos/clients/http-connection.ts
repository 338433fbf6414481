import { connect, type Socket } from "node:net";
import type { Address } from "../network/network.ts";

/** The result of a request. */
export type Reply =
  | { readonly type: "answer"; readonly status: number; readonly body: string }
  /** The connection failed, so the request was never sent. */
  | { readonly type: "refused" }
  /** The connection ended before the answer did. */
  | { readonly type: "lost" }
  | { readonly type: "timeout" };

export interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

/**
 * Sends HTTP requests to one address over one connection, one after another. Nothing is sent twice: libraries that
 * retry would make writes take effect twice.
 */
export class HttpConnection {
  readonly #address: Address;
  readonly #timeoutMs: number;
  #socket: Socket | undefined;

  constructor(address: Address, timeoutMs: number) {
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  ask({ method, path, body = "" }: Request): Promise<Reply> {
    const { host, port } = this.#address;
    const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-type: application/json\r\n`;
    const bytes = Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return new Promise((resolve) => {
      const socket = this.#socket ?? connect({ host, port, noDelay: true });
      let isOpen = this.#socket !== undefined;
      this.#socket = undefined;
      const chunks: Buffer[] = [];
      const settle = (reply: Reply) => {
        clearTimeout(timer);
        socket.removeAllListeners();
        socket.on("error", () => {});
        if (reply.type === "answer") this.#keep(socket);
        else socket.destroy();
        resolve(reply);
      };
      const timer = setTimeout(() => settle({ type: "timeout" }), this.#timeoutMs);
      socket.on("connect", () => {
        isOpen = true;
      });
      socket.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        const answer = answerIn(Buffer.concat(chunks));
        if (answer !== undefined) settle(answer);
      });
      const gone = () => settle({ type: isOpen ? "lost" : "refused" });
      socket.on("error", gone);
      socket.on("close", gone);
      socket.on("end", gone);
      socket.write(bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** Keeps a connection for the next request, unless it ends before. */
  #keep(socket: Socket): void {
    this.#socket = socket;
    const forget = () => {
      if (this.#socket === socket) this.#socket = undefined;
      socket.destroy();
    };
    socket.on("end", forget);
    socket.on("close", forget);
  }
}

/** Returns undefined if the answer is incomplete. */
function answerIn(bytes: Buffer): Reply | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const status = Number(head.slice(9, 12));
  const body = bytes.subarray(end + 4);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) {
    return body.length < Number(length) ? undefined : { type: "answer", status, body: body.toString() };
  }
  if (!/^transfer-encoding: *chunked/im.test(head)) return { type: "answer", status, body: body.toString() };
  const whole = unchunked(body);
  return whole === undefined ? undefined : { type: "answer", status, body: whole.toString() };
}

function unchunked(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const length = Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (end + length + 4 > bytes.length) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + length + 4;
  }
}
