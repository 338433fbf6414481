import { type Transport, TransportError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import type { SealOptions } from "../../src/rpc/index.ts";
import { type LinkFaults, Links } from "./links.ts";
import { LoopbackTransport } from "./loopback-transport.ts";

/** Options of `LoopbackNetwork`. */
export interface LoopbackNetworkOptions extends SealOptions {
  /** 1 to 32 characters of `a-z`, `0-9` and `-`. */
  readonly clusterId: string;
  /** Default: none; every message arrives at once. */
  readonly faults?: LinkFaults;
}

/**
 * A network within one process. Messages are encoded, checked and decoded as by every other transport. The links can be
 * made to fail.
 *
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * using network = new LoopbackNetwork({ clusterId: "example" });
 * const [one, two] = [network.transport(n1), network.transport(n2)];
 * await two.serve("echo", async (_from, payload) => payload);
 * console.log(await one.call(n2, "echo", Uint8Array.of(1, 2), AbortSignal.timeout(1000))); // Uint8Array(2) [ 1, 2 ]
 * ```
 */
export class LoopbackNetwork implements Disposable {
  readonly #clusterId: string;
  readonly #sealing: SealOptions;
  readonly #nodes = new Map<ReplicaId, LoopbackTransport>();
  readonly #links: Links;

  constructor({ clusterId, faults, ...sealing }: LoopbackNetworkOptions) {
    this.#clusterId = clusterId;
    this.#sealing = sealing;
    this.#links = new Links(faults);
  }

  /**
   * Adds a replica to the network. Disposing the transport removes it; then it may be added again.
   *
   * @param self the replica; it owns the transport
   * @param sealing how its messages are sealed. Default: as the network's options say
   * @throws RangeError if the replica is on the network already
   */
  transport(self: ReplicaId, sealing: SealOptions = this.#sealing): Transport {
    if (this.#nodes.has(self)) throw new RangeError(`self: ${self} is on the network already`);
    const node = new LoopbackTransport({
      ...sealing,
      clusterId: this.#clusterId,
      self,
      send: (to, bytes) => this.send(self, to, bytes),
      leave: () => this.#nodes.delete(self),
    });
    this.#nodes.set(self, node);
    return node;
  }

  /**
   * Carries the bytes of a call, which are not checked, and resolves to those of its reply. Never resolves if either is lost.
   *
   * @throws TransportError `unreachable` if `to` is not on the network
   */
  async send(from: ReplicaId, to: ReplicaId, bytes: Uint8Array): Promise<Uint8Array> {
    await this.#links.carry(from, to, "request");
    const node = this.#nodes.get(to);
    const reply = await node?.handle(bytes);
    if (reply === undefined || this.#nodes.get(to) !== node) {
      throw new TransportError("unreachable", `${to} is not on the network`);
    }
    await this.#links.carry(to, from, "reply");
    return reply;
  }

  /**
   * From now on loses all messages from one replica to another; the opposite direction still works.
   *
   * @param from the sender
   * @param to the receiver
   */
  cut(from: ReplicaId, to: ReplicaId): void {
    this.#links.cut(from, to);
  }

  /**
   * Undoes {@link cut}.
   *
   * @param from the sender
   * @param to the receiver
   */
  heal(from: ReplicaId, to: ReplicaId): void {
    this.#links.heal(from, to);
  }

  /**
   * From now on loses all messages to and from a replica.
   *
   * @param id the replica
   */
  disconnect(id: ReplicaId): void {
    this.#links.disconnect(id);
  }

  /**
   * Undoes {@link disconnect}.
   *
   * @param id the replica
   */
  reconnect(id: ReplicaId): void {
    this.#links.reconnect(id);
  }

  /** Loses the messages in flight. Does not dispose the transports. */
  [Symbol.dispose](): void {
    this.#links[Symbol.dispose]();
  }
}
