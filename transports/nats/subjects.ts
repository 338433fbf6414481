import type { ReplicaId } from "../../src/raft/index.ts";
import { GROUP } from "../../src/rpc/index.ts";

/**
 * The subjects of a Raft group. A replica answers on `<prefix>.<clusterId>.<group>.<replicaId>.<service>`. The answers to
 * its own calls come below `<prefix>.<clusterId>.<group>.<replicaId>._inbox`. So it needs permission to subscribe to
 * `<prefix>.<clusterId>.<group>.<replicaId>.>`, and to publish to `<prefix>.<clusterId>.<group>.>`.
 */
export class Subjects {
  readonly #group: string;

  /** @throws RangeError if the prefix is none */
  constructor(prefix: string, clusterId: string) {
    if (!/^[\w-]+(\.[\w-]+)*$/.test(prefix)) {
      throw new RangeError(
        `prefix: words of letters, digits, "_" and "-" with dots between them, not ${JSON.stringify(prefix)}`,
      );
    }
    this.#group = `${prefix}.${clusterId}.${GROUP}`;
  }

  /** Where a replica is asked for a service. */
  of(replica: ReplicaId, service: string): string {
    return `${this.#group}.${replica}.${service}`;
  }

  /** Where a process asks whether another one is this replica. No service has such a name. */
  presenceOf(replica: ReplicaId): string {
    return this.of(replica, "_presence");
  }

  /** All that a replica is asked. */
  allOf(replica: ReplicaId): string {
    return this.of(replica, "*");
  }

  /** Below which the answers to a replica's calls come. No service has such a name. */
  inboxOf(replica: ReplicaId): string {
    return this.of(replica, "_inbox");
  }

  /** The service that is asked for: the last word of a subject. */
  static serviceOf(subject: string): string {
    return subject.slice(subject.lastIndexOf(".") + 1);
  }
}
