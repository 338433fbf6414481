import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The state of a connection. */
interface Connection {
  readonly address: string;
  /** The address and port of the client. */
  readonly client: string;
  /** Responses not yet sent. More than one if requests are pipelined. */
  readonly responses: Set<ServerResponse>;
  /** Encrypts what goes through the connection's socket. Undefined without TLS, and until the handshake is complete. */
  secure: Socket | undefined;
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
  /** The socket below each secure one. */
  readonly #below = new WeakMap<Socket, Socket>();
  /** The sockets by the address and port of their client, until the handshake is complete. */
  readonly #byClient = new Map<string, Socket>();
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
    const client = clientOf(socket);
    this.#all.set(socket, { address, client, responses: new Set(), secure: undefined });
    this.#byClient.set(client, socket);
    this.#requests.set(socket, undefined);
    this.#perAddress.set(address, ofAddress + 1);
    socket.once("close", () => this.#remove(socket));
  }

  /** The handshake of a connection is complete: its requests come from the secure socket. */
  secured(secure: Socket): void {
    const socket = this.#byClient.get(clientOf(secure));
    const connection = socket && this.#all.get(socket);
    // It was closed during the handshake.
    if (socket === undefined || connection === undefined) return void secure.destroy();
    this.#byClient.delete(connection.client);
    connection.secure = secure;
    this.#below.set(secure, socket);
  }

  requestBegins(request: IncomingMessage, response: ServerResponse): void {
    const socket = this.#below.get(request.socket) ?? request.socket;
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.responses.add(response);
    this.#isNow(socket, request);
    if (!this.#keepsIdle) response.shouldKeepAlive = false;
  }

  requestEnds(of: Socket, response: ServerResponse): void {
    const socket = this.#below.get(of) ?? of;
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.responses.delete(response);
    if (connection.responses.size > 0) return;
    this.#isNow(socket, undefined);
    if (!this.#keepsIdle) (connection.secure ?? socket).destroySoon();
  }

  /** Closes idle connections, now and from now on. */
  closeIdle(): void {
    this.#keepsIdle = false;
    for (const { responses } of this.#all.values()) {
      for (const response of responses) response.shouldKeepAlive = false;
    }
    for (const [socket, request] of this.#requests) {
      if (request === undefined) (this.#all.get(socket)?.secure ?? socket).destroySoon();
    }
  }

  #isNow(socket: Socket, request: IncomingMessage | undefined): void {
    this.#requests.delete(socket);
    this.#requests.set(socket, request);
  }

  #evict(): boolean {
    for (const [socket, request] of this.#requests) {
      if (request?.complete) continue;
      this.#all.get(socket)?.secure?.destroy();
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
    if (this.#byClient.get(connection.client) === socket) this.#byClient.delete(connection.client);
    const left = (this.#perAddress.get(connection.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(connection.address, left);
    else this.#perAddress.delete(connection.address);
  }
}

function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\./.test(address) || address === "::1";
}
