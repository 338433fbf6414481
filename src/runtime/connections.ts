import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The state of a connection. */
interface Connection {
  readonly address: string;
  /** Responses not yet sent. More than one if requests are pipelined. */
  readonly responses: Set<ServerResponse>;
}

/**
 * Limits the connections of a `node:http` server. If there are too many, a new one replaces the connection that has
 * been idle, or whose request has been arriving, for longest. If all requests have arrived, the new connection is
 * closed.
 */
export class Connections {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #all = new Map<Socket, Connection>();
  /**
   * The last request of each connection, undefined while idle. In the order in which the requests began or the
   * connections became idle.
   */
  readonly #requests = new Map<Socket, IncomingMessage | undefined>();
  readonly #perAddress = new Map<string, number>();
  #keepsIdle = true;

  constructor(max: number) {
    this.#max = max;
    // Half of all, because one address may be a proxy for all clients.
    this.#maxPerAddress = Math.ceil(max / 2);
  }

  add(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (ofAddress >= this.#maxPerAddress && !isLoopback(address)) return void socket.destroy();
    if (this.#all.size >= this.#max && !this.#evict()) return void socket.destroy();
    this.#all.set(socket, { address, responses: new Set() });
    this.#requests.set(socket, undefined);
    this.#perAddress.set(address, ofAddress + 1);
    socket.once("close", () => this.#remove(socket));
  }

  requestBegins(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.responses.add(response);
    this.#isNow(socket, request);
    if (!this.#keepsIdle) response.shouldKeepAlive = false;
  }

  requestEnds(socket: Socket, response: ServerResponse): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.responses.delete(response);
    if (connection.responses.size > 0) return;
    this.#isNow(socket, undefined);
    if (!this.#keepsIdle) socket.destroySoon();
  }

  /** Closes idle connections, now and from now on. */
  closeIdle(): void {
    this.#keepsIdle = false;
    for (const { responses } of this.#all.values()) {
      for (const response of responses) response.shouldKeepAlive = false;
    }
    for (const [socket, request] of this.#requests) if (request === undefined) socket.destroySoon();
  }

  #isNow(socket: Socket, request: IncomingMessage | undefined): void {
    this.#requests.delete(socket);
    this.#requests.set(socket, request);
  }

  #evict(): boolean {
    for (const [socket, request] of this.#requests) {
      if (request?.complete) continue;
      socket.destroy();
      // Counted as closed at once, not when the system reports it.
      this.#remove(socket);
      return true;
    }
    return false;
  }

  #remove(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    this.#all.delete(socket);
    this.#requests.delete(socket);
    const left = (this.#perAddress.get(connection.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(connection.address, left);
    else this.#perAddress.delete(connection.address);
  }
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\./.test(address) || address === "::1";
}
