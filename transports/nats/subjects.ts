import type { RpcRequest } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";

/**
 * Who listens where. A replica answers on `<prefix>.<clusterId>.<replicaId>.<rpc>`, and hears its answers below
 * `<prefix>.<clusterId>.<replicaId>.inbox`. So it needs leave to subscribe to `<prefix>.<clusterId>.<replicaId>.>`,
 * and to publish to `<prefix>.<clusterId>.>`.
 */
export class Subjects {
  readonly #cluster: string;

  /** @throws RangeError if the prefix is none */
  constructor(prefix: string, clusterId: string) {
    if (!/^[\w-]+(\.[\w-]+)*$/.test(prefix)) {
      throw new RangeError(
        `prefix: words of letters, digits, "_" and "-" with dots between them, not ${JSON.stringify(prefix)}`,
      );
    }
    this.#cluster = `${prefix}.${clusterId}`;
  }

  /** Where a replica is asked for one thing, or whether it is there. */
  of(replica: ReplicaId, rpc: RpcRequest["type"] | "presence"): string {
    return `${this.#cluster}.${replica}.${rpc}`;
  }

  /** Everything a replica is asked for. */
  allOf(replica: ReplicaId): string {
    return `${this.#cluster}.${replica}.*`;
  }

  /** Below which a replica hears the answers to what it asks. */
  inboxOf(replica: ReplicaId): string {
    return `${this.#cluster}.${replica}.inbox`;
  }

  /** What is asked for, the last word of a subject. */
  static rpcOf(subject: string): string {
    return subject.slice(subject.lastIndexOf(".") + 1);
  }
}
