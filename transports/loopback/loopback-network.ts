import { type Transport, TransportError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { type LinkFaults, Links } from "./links.ts";
import { LoopbackTransport } from "./loopback-transport.ts";

export interface LoopbackNetworkOptions {
  readonly clusterId: string;
  /** Without, every message arrives at once. */
  readonly faults?: LinkFaults;
}

/**
 * A network within one process. Messages travel as bytes, through the codec and the checks that every other transport
 * has, over links that can be made to fail.
 */
export class LoopbackNetwork implements Disposable {
  readonly #clusterId: string;
  readonly #nodes = new Map<ReplicaId, LoopbackTransport>();
  readonly #links: Links;

  constructor({ clusterId, faults }: LoopbackNetworkOptions) {
    this.#clusterId = clusterId;
    this.#links = new Links(faults);
  }

  /**
   * Puts a replica on the network. It leaves with the transport's disposal, and may come back after.
   *
   * @throws RangeError if it is there already
   */
  transport(self: ReplicaId): Transport {
    if (this.#nodes.has(self)) throw new RangeError(`self: ${self} is on the network already`);
    const node = new LoopbackTransport({
      clusterId: this.#clusterId,
      self,
      send: (to, bytes) => this.send(self, to, bytes),
      leave: () => this.#nodes.delete(self),
    });
    this.#nodes.set(self, node);
    return node;
  }

  /**
   * Carries the bytes of a call, whatever they are, and those of its answer back. Never resolves if either is lost.
   *
   * @throws TransportError `unreachable` if `to` is not on the network
   */
  async send(from: ReplicaId, to: ReplicaId, bytes: Uint8Array): Promise<Uint8Array> {
    await this.#links.carry(from, to, "request");
    const node = this.#nodes.get(to);
    const answer = await node?.answer(bytes);
    if (answer === undefined || this.#nodes.get(to) !== node) {
      throw new TransportError("unreachable", `${to} is not on the network`);
    }
    await this.#links.carry(to, from, "reply");
    return answer;
  }

  /** Loses whatever goes from one replica to another from now on; the way back stays open. */
  cut(from: ReplicaId, to: ReplicaId): void {
    this.#links.cut(from, to);
  }

  heal(from: ReplicaId, to: ReplicaId): void {
    this.#links.heal(from, to);
  }

  /** Loses whatever goes to or from a replica from now on. */
  disconnect(id: ReplicaId): void {
    this.#links.disconnect(id);
  }

  reconnect(id: ReplicaId): void {
    this.#links.reconnect(id);
  }

  /** Loses what is under way. The transports are their owners' to dispose. */
  [Symbol.dispose](): void {
    this.#links[Symbol.dispose]();
  }
}
