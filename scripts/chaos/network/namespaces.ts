import { execFileSync } from "node:child_process";
import type { ReplicaId } from "../matrix.ts";
import type { Address, Endpoint, Link, Network } from "./network.ts";

const PORT = 9006;
const NATS_PORT = 4222;
const NATS_HOST_NUMBER = 100;
const bridge = "chaos0";

/**
 * A network namespace for each replica and for NATS, joined by a bridge. To cut a link, the sender's neighbour table
 * gets a wrong hardware address: packets are sent, but not received. Packets to clients take another route.
 */
export class NamespaceNetwork implements Network {
  readonly canSlow = false;
  readonly #endpoints: readonly Endpoint[];

  /** @param ids those of all replicas */
  constructor(ids: readonly ReplicaId[]) {
    this.#endpoints = [...ids, "nats"];
    ip(`link add ${bridge} type bridge`, `addr add 10.77.0.254/24 dev ${bridge}`, `link set ${bridge} up`);
    for (const endpoint of this.#endpoints) this.#join(endpoint);
    for (const from of this.#endpoints) {
      inside(from, ...this.#endpoints.filter((to) => to !== from).map((to) => neighbour(to, hardware(to))));
    }
  }

  clientAddress(id: ReplicaId): Address {
    return { host: hostOf(id), port: PORT };
  }

  listenAddress(id: ReplicaId): Address {
    return this.clientAddress(id);
  }

  address(_from: ReplicaId, to: Endpoint): Address {
    return to === "nats" ? this.natsListenAddress() : this.clientAddress(to);
  }

  natsListenAddress(): Address {
    return { host: hostOf("nats"), port: NATS_PORT };
  }

  around(endpoint: Endpoint): readonly string[] {
    return ["nsenter", `--net=/run/netns/${endpoint}`];
  }

  cut(links: readonly Link[]): void {
    for (const { from, to } of links) inside(from, neighbour(to, `02:de:ad:00:00:${hex(numberOf(to))}`));
  }

  heal(links: readonly Link[]): void {
    for (const { from, to } of links) inside(from, neighbour(to, hardware(to)));
  }

  slow(): void {
    throw new RangeError("slow: needs a network of proxies, not of namespaces");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The kernel removes a namespace's links with a delay, and they would conflict with new ones.
    for (const endpoint of this.#endpoints) ip(`link delete ${endpoint}`, `netns delete ${endpoint}`);
    ip(`link delete ${bridge}`);
  }

  #join(endpoint: Endpoint): void {
    ip(
      `netns add ${endpoint}`,
      `link add ${endpoint} type veth peer name eth0 netns ${endpoint}`,
      `link set ${endpoint} master ${bridge} up`,
    );
    inside(
      endpoint,
      "link set lo up",
      `link set eth0 address ${hardware(endpoint)}`,
      `addr add ${hostOf(endpoint)}/24 dev eth0`,
      "link set eth0 up",
    );
  }
}

function neighbour(to: Endpoint, address: string): string {
  return `neigh replace ${hostOf(to)} lladdr ${address} nud permanent dev eth0`;
}

function numberOf(endpoint: Endpoint): number {
  return endpoint === "nats" ? NATS_HOST_NUMBER : Number(endpoint.slice(1));
}

function hostOf(endpoint: Endpoint): string {
  return `10.77.0.${numberOf(endpoint)}`;
}

function hardware(endpoint: Endpoint): string {
  return `02:77:00:00:00:${hex(numberOf(endpoint))}`;
}

function hex(number: number): string {
  return number.toString(16).padStart(2, "0");
}

function ip(...lines: readonly string[]): void {
  for (const line of lines) execFileSync("ip", line.split(" "), { stdio: ["ignore", "ignore", "inherit"] });
}

function inside(endpoint: Endpoint, ...lines: readonly string[]): void {
  if (lines.length === 0) return;
  execFileSync("ip", ["-n", endpoint, "-batch", "-"], {
    input: `${lines.join("\n")}\n`,
    stdio: ["pipe", "ignore", "inherit"],
  });
}
