import process from "node:process";
import type { Route } from "../../../bench/systems/link-proxies.ts";
import { freePort } from "../../../bench/systems/ports.ts";
import type { ReplicaId } from "../matrix.ts";
import { type Child, startChild } from "../processes.ts";
import { endsWithParent, inProject, isInside } from "../tools.ts";
import { type Address, type Endpoint, type Link, type LinkSpeed, type Network, nameOf } from "./network.ts";

const HOST = "127.0.0.1";

/** A command to the proxy process. */
export interface LinkState {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly isCut: boolean;
  readonly delayMs: number;
  readonly bytesPerSecond: number | undefined;
}

/**
 * Runs everything on loopback, with a TCP proxy for each pair of endpoints, all in one process. Bytes on a cut link
 * wait until it is healed, as with TCP; new connections are not answered.
 */
export class ProxyNetwork implements Network {
  readonly canSlow = true;
  readonly #ports: ReadonlyMap<Endpoint, number>;
  readonly #routes: readonly Route[];
  readonly #process: Child;
  readonly #cut: Set<string> = new Set();
  readonly #speeds: Map<string, LinkSpeed> = new Map();

  private constructor(ports: ReadonlyMap<Endpoint, number>, routes: readonly Route[], child: Child) {
    this.#ports = ports;
    this.#routes = routes;
    this.#process = child;
  }

  static async open(ids: readonly ReplicaId[]): Promise<ProxyNetwork> {
    const endpoints: readonly Endpoint[] = [...ids, "nats"];
    const ports = new Map<Endpoint, number>();
    for (const endpoint of endpoints) ports.set(endpoint, await freePort());
    const routes: Route[] = [];
    for (const client of ids) {
      for (const server of endpoints) {
        if (server === client) continue;
        routes.push({ client, server, port: await freePort(), target: ports.get(server) ?? 0 });
      }
    }
    const program = inProject("scripts/chaos/network/proxy-main.ts");
    const child = startChild([process.execPath, program, JSON.stringify(routes)], { isPiped: true });
    await child.line();
    return new ProxyNetwork(ports, routes, child);
  }

  clientAddress(id: ReplicaId): Address {
    return { host: HOST, port: this.#port(id) };
  }

  listenAddress(id: ReplicaId): Address {
    return this.clientAddress(id);
  }

  address(from: ReplicaId, to: Endpoint): Address {
    if (from === to) return this.clientAddress(from);
    const route = this.#routes.find(({ client, server }) => client === from && server === to);
    if (route === undefined) throw new RangeError(`to: one of the endpoints, not ${to}`);
    return { host: HOST, port: route.port };
  }

  natsListenAddress(): Address {
    return { host: HOST, port: this.#port("nats") };
  }

  around(): readonly string[] {
    return isInside() ? [] : endsWithParent();
  }

  cut(links: readonly Link[]): void {
    for (const link of links) this.#cut.add(nameOf(link));
    this.#tell(links);
  }

  heal(links: readonly Link[]): void {
    for (const link of links) this.#cut.delete(nameOf(link));
    this.#tell(links);
  }

  slow(links: readonly Link[], speed: LinkSpeed | undefined): void {
    for (const link of links) {
      if (speed === undefined) this.#speeds.delete(nameOf(link));
      else this.#speeds.set(nameOf(link), speed);
    }
    this.#tell(links);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
  }

  #tell(links: readonly Link[]): void {
    for (const link of links) {
      const speed = this.#speeds.get(nameOf(link));
      const state: LinkState = {
        ...link,
        isCut: this.#cut.has(nameOf(link)),
        delayMs: speed?.delayMs ?? 0,
        bytesPerSecond: speed?.bytesPerSecond,
      };
      this.#process.write(JSON.stringify(state));
    }
  }

  #port(endpoint: Endpoint): number {
    const port = this.#ports.get(endpoint);
    if (port === undefined)
      throw new RangeError(`endpoint: one of ${[...this.#ports.keys()]}, not ${endpoint}`);
    return port;
  }
}
