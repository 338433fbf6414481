import { LinkProxies, type Route } from "./link-proxies.ts";
import { freePort } from "./ports.ts";

/** The links between replicas on this machine, which can be cut. Clients reach the replicas directly. */
export class Links implements AsyncDisposable {
  readonly #urls: ReadonlyMap<string, URL>;
  readonly #routes: readonly Route[];
  readonly #proxies: LinkProxies;

  private constructor(urls: ReadonlyMap<string, URL>, routes: readonly Route[], proxies: LinkProxies) {
    this.#urls = urls;
    this.#routes = routes;
    this.#proxies = proxies;
  }

  /** @param urls the address of each replica */
  static async between(urls: ReadonlyMap<string, URL>): Promise<Links> {
    const routes: Route[] = [];
    for (const client of urls.keys()) {
      for (const [server, url] of urls) {
        if (server !== client)
          routes.push({ client, server, port: await freePort(), target: Number(url.port) });
      }
    }
    return new Links(urls, routes, await LinkProxies.open(routes));
  }

  /** Returns the URLs under which one replica reaches the others, and its own address. */
  peersOf(id: string): ReadonlyMap<string, URL> {
    return new Map(
      [...this.#urls].map(([peer, url]) => {
        const route = this.#routes.find(({ client, server }) => client === id && server === peer);
        return [peer, route === undefined ? url : new URL(`http://127.0.0.1:${route.port}`)];
      }),
    );
  }

  /** Cuts a replica off from the others without an error, until it is healed. Data that is sent waits. */
  cutOff(id: string): void {
    this.#set(id, true);
  }

  heal(id: string): void {
    this.#set(id, false);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#proxies[Symbol.asyncDispose]();
  }

  #set(id: string, isCut: boolean): void {
    const state = { isCut, delayMs: 0, bytesPerSecond: undefined };
    for (const peer of this.#urls.keys()) {
      if (peer === id) continue;
      this.#proxies.pipe(id, peer).set(state);
      this.#proxies.pipe(peer, id).set(state);
    }
  }
}
