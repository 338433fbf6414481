import type { ReplicaId } from "../../src/raft/index.ts";
import { GROUP } from "../../src/rpc/index.ts";

/**
 * The subjects of a Raft group. A replica gets calls on `<prefix>.<clusterId>.<group>.<replicaId>.<service>`. The replies
 * to its own calls come below `<prefix>.<clusterId>.<group>.<replicaId>._inbox`. So it needs permission to subscribe to
 * `<prefix>.<clusterId>.<group>.<replicaId>.>`, and to publish to `<prefix>.<clusterId>.<group>.>`.
 */
export class Subjects {
  readonly #group: string;

  /** @throws RangeError if the prefix is not words with dots between them */
  constructor(prefix: string, clusterId: string) {
    if (!/^[\w-]+(\.[\w-]+)*$/.test(prefix)) {
      throw new RangeError(
        `prefix: words of letters, digits, "_" and "-" with dots between them, not ${JSON.stringify(prefix)}`,
      );
    }
    this.#group = `${prefix}.${clusterId}.${GROUP}`;
  }

  /** The subject of calls of a replica's service. */
  of(replica: ReplicaId, service: string): string {
    return `${this.#group}.${replica}.${service}`;
  }

  /** The subject on which a process asks whether another one holds the replica's name. No service name begins with `_`. */
  presenceOf(replica: ReplicaId): string {
    return this.of(replica, "_presence");
  }

  /** Matches all calls of a replica, and the questions for its presence. */
  allOf(replica: ReplicaId): string {
    return this.of(replica, "*");
  }

  /** The replies to a replica's calls come below this subject. No service name begins with `_`. */
  inboxOf(replica: ReplicaId): string {
    return this.of(replica, "_inbox");
  }

  /** The service that is called: the last word of a subject. */
  static serviceOf(subject: string): string {
    return subject.slice(subject.lastIndexOf(".") + 1);
  }
}
