import type { RaftRequest, RaftView, ReplicaId, WriteBatch } from "../../../raft/index.ts";
import type { Platter } from "../disk/index.ts";
import { DurableImage, type ImageWatch } from "./durable-image.ts";
import type { Ledger } from "./ledger.ts";
import { ReadRules } from "./read-rules.ts";
import { Violation } from "./violation.ts";

/** The first leader writes it, and the voters never change. */
const FIRST_CONFIGURATION = 1;

const noContact = { term: 0, atMs: Number.NEGATIVE_INFINITY };

/** What the monitor knows of one replica, over all its runs. */
export class Observed {
  readonly id: ReplicaId;
  readonly electionTimeoutMinMs: number;
  /** The durable state on its platter. */
  image: DurableImage;
  /** The durable state before its storage was lost. Its promises count until it is proven new. */
  lost: DurableImage | undefined;
  /** The state after the last step of the current run. */
  view: RaftView | undefined;
  /** The last contact with the leader of this term, on the replica's clock. */
  leaderContact: { term: number; atMs: number } = noContact;
  /** Requests for a pre-vote that arrived during contact with a leader. */
  readonly askedInVain: WeakSet<RaftRequest> = new WeakSet();
  /** The requests of peers that the current run has not answered, by the number of the call. */
  readonly unanswered: Map<number, RaftRequest> = new Map();
  /** Whether the log contains the last entry of the incoming snapshot. */
  suffixMatches = false;
  /** Bytes of that snapshot saved so far. */
  nextOffset = 0;
  /** The last batch that was handed out. */
  inFlight: WriteBatch | undefined;
  /** Of the current run. */
  reads: ReadRules = new ReadRules();
  readonly #platter: () => Platter;
  readonly #watch: ImageWatch;

  constructor(id: ReplicaId, electionTimeoutMinMs: number, ledger: Ledger, platter: () => Platter) {
    this.id = id;
    this.electionTimeoutMinMs = electionTimeoutMinMs;
    this.#platter = platter;
    this.#watch = {
      entryStored: (index, entry, prevTerm) => ledger.links(id, index, entry, prevTerm),
      hardStateStored: (hardState) => ledger.voted(id, hardState),
      snapshotStored: ({ index, configurationIndex }) => {
        if (configurationIndex === FIRST_CONFIGURATION) return;
        throw new Violation(
          "rule",
          `§6 the snapshot of ${id} up to ${index} lacks the cluster's configuration`,
        );
      },
    };
    this.image = new DurableImage(platter, this.#watch);
  }

  /** Returns whether an entry is durable here, or was until the storage was lost. */
  holds(index: number, term: number): boolean {
    return this.image.holds(index, term) || this.lost?.holds(index, term) === true;
  }

  /** Its storage is gone or damaged. */
  storageLost(): void {
    this.lost ??= this.image;
    this.image = new DurableImage(this.#platter, this.#watch);
  }

  /** The process ended. */
  ended(): void {
    this.view = undefined;
    this.leaderContact = noContact;
    this.reads = new ReadRules();
    this.unanswered.clear();
  }
}
