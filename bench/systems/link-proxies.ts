import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Pipe } from "./pipe.ts";

/** One proxy on loopback for each pair: `client` connects to its `port`, `server` is at `target`. */
export interface Route {
  readonly client: string;
  readonly server: string;
  readonly port: number;
  readonly target: number;
}

/** TCP proxies between endpoints. All connections from one endpoint to another share one pipe in each direction. */
export class LinkProxies implements AsyncDisposable {
  readonly #pipes = new Map<string, Pipe>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** Resolves when all of them listen. */
  static async open(routes: readonly Route[]): Promise<LinkProxies> {
    const proxies = new LinkProxies();
    await Promise.all(routes.map((route) => proxies.#listen(route)));
    return proxies;
  }

  /** Returns one direction of a link. */
  pipe(from: string, to: string): Pipe {
    const name = `${from}>${to}`;
    let pipe = this.#pipes.get(name);
    if (pipe === undefined) {
      pipe = new Pipe();
      this.#pipes.set(name, pipe);
    }
    return pipe;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.map((server) => once(server, "close"));
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async #listen(route: Route): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (near) => this.#accept(route, near));
    this.#servers.push(server);
    server.listen(route.port, "127.0.0.1");
    await once(server, "listening");
  }

  #accept({ client, server, target }: Route, near: Socket): void {
    const far = connect({ host: "127.0.0.1", port: target, allowHalfOpen: true });
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    }
    this.pipe(client, server).pass(near, far);
    this.pipe(server, client).pass(far, near);
  }
}
