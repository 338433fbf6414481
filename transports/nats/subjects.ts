import type { RpcRequest } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";

/**
 * Who listens where. A replica answers on `<prefix>.<clusterId>.<replicaId>.<rpc>`, and hears its answers below an
 * inbox of its own. So it needs leave to subscribe to `<prefix>.<clusterId>.<replicaId>.*` and `_INBOX.>`, and to
 * publish to `<prefix>.<clusterId>.>` and `_INBOX.>`.
 */
export class Subjects {
  readonly #cluster: string;

  /** @throws RangeError where the prefix is none */
  constructor(prefix: string, clusterId: string) {
    if (!/^[\w-]+(\.[\w-]+)*$/.test(prefix)) {
      throw new RangeError(
        `prefix: words of letters, digits, "_" and "-" with dots between them, not ${JSON.stringify(prefix)}`,
      );
    }
    this.#cluster = `${prefix}.${clusterId}`;
  }

  /** Where a replica is asked for one thing. */
  of(replica: ReplicaId, rpc: RpcRequest["type"]): string {
    return `${this.#cluster}.${replica}.${rpc}`;
  }

  /** Everything a replica is asked for. */
  allOf(replica: ReplicaId): string {
    return `${this.#cluster}.${replica}.*`;
  }

  /** What is asked for, the last word of a subject. */
  static rpcOf(subject: string): string {
    return subject.slice(subject.lastIndexOf(".") + 1);
  }
}
