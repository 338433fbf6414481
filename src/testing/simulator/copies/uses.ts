import type { Introduction, Introductions, StorageUse } from "../../../ports/index.ts";
import type { ReplicaId } from "../../../raft/index.ts";
import { Violation } from "../monitor/index.ts";
import type { CopiedStart } from "./supervisor.ts";

/** A process on a copy, by its boot number. The simulation counts its starts, independent of the copy's claims. */
interface CopyProcess {
  readonly use: StorageUse;
  readonly copied: CopiedStart;
}

/**
 * Which processes run on copies of a replica's data, and which uses of a storage each process knows. Every process that
 * knows of a newer use, or of another one as new, must refuse a copy's messages (decision 19).
 *
 * Uses are kept in memory only, and nothing is promised for a process that does not know the newer one. So a copy's
 * messages to such a process are dropped on their way, and nothing else is.
 */
export class Uses {
  readonly #copies = new Map<number, CopyProcess>();
  /** The use reported by the newest process on each replica's own data. */
  readonly #newest = new Map<ReplicaId, StorageUse>();
  readonly #report: (violation: Violation) => void;

  constructor(report: (violation: Violation) => void) {
    this.#report = report;
  }

  newestOf(id: ReplicaId): StorageUse | undefined {
    return this.#newest.get(id);
  }

  /**
   * Wraps `introductions` of a process that has just started, and checks their decisions.
   *
   * @param copied present if the process runs on a copy
   */
  judged(self: ReplicaId, introductions: Introductions, copied: CopiedStart | undefined): Introductions {
    const own = introductions.to(self).use;
    if (own !== undefined && copied === undefined) this.#newest.set(self, own);
    if (own !== undefined && copied !== undefined) {
      this.#copies.set(own.boot, { use: { ...own, starts: copied.starts }, copied });
    }
    const received = new Map<ReplicaId, StorageUse>();
    return {
      to: (peer) => introductions.to(peer),
      refusal: (peer, introduction) => {
        const use = introduction?.use;
        const receiver = introduction?.receiver;
        if (copied !== undefined && own !== undefined && receiver !== undefined && tells(receiver, own)) {
          copied.informed();
        }
        const copy = use && this.#copies.get(use.boot);
        if (copy !== undefined && !isNewer(received.get(peer), copy.use)) return "it is lost on its way";
        const refusal = introductions.refusal(peer, introduction);
        const answered = introductions.to(peer);
        if (copy === undefined) {
          if (refusal === undefined && use !== undefined) received.set(peer, use);
        } else if (!isForged(introduction, answered)) {
          this.#judge(self, peer, refusal, copy);
          // A process that has learned that it runs on a copy does not inform the others.
          if (copied === undefined) this.#mustTell(self, peer, answered, copy);
        }
        return refusal;
      },
    };
  }

  /** The next message to the copy must contain the newer use. */
  #mustTell(self: ReplicaId, peer: ReplicaId, { receiver }: Introduction, { use }: CopyProcess): void {
    if (receiver !== undefined && tells(receiver, use)) return;
    this.#report(new Violation("rule", `${self} does not tell ${peer} that it runs on a copy of its data`));
  }

  #judge(self: ReplicaId, peer: ReplicaId, refusal: string | undefined, { use, copied }: CopyProcess): void {
    if (refusal !== undefined) return copied.refused();
    const message = `${self} takes a message of ${peer} on a copy of its data, start ${use.starts}, though it knows of a newer use`;
    this.#report(new Violation("rule", message));
  }
}

/** Returns whether a copy's message was turned into one of another cluster on its way. */
function isForged(theirs: Introduction | undefined, ours: Introduction): boolean {
  const [one, other] = [theirs?.clusterUid, ours.clusterUid];
  return one !== undefined && other !== undefined && one.some((byte, at) => byte !== other[at]);
}

/** Returns whether a process that knows of `known` must refuse the process of `copy`. */
function isNewer(known: StorageUse | undefined, copy: StorageUse): boolean {
  return known?.storage === copy.storage && known.starts >= copy.starts && known.boot !== copy.boot;
}

/** Returns whether a process learns from `newer` that it runs on a copy. */
function tells(newer: StorageUse, own: StorageUse): boolean {
  return newer.storage === own.storage && newer.starts >= own.starts && newer.boot !== own.boot;
}
