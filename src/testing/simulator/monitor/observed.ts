import type { RaftRequest, RaftView, ReplicaId, WriteBatch } from "../../../raft/index.ts";
import type { Platter } from "../disk/index.ts";
import { DurableImage, type ImageWatch } from "./durable-image.ts";
import type { Ledger } from "./ledger.ts";
import { ReadRules } from "./read-rules.ts";

const neverHeard = { term: 0, atMs: Number.NEGATIVE_INFINITY };

/** What the monitor knows of one replica, over all its lives. */
export class Observed {
  readonly id: ReplicaId;
  readonly electionTimeoutMinMs: number;
  /** What is durable on its platter now. */
  image: DurableImage;
  /** What was durable before its storage was lost; its promises count until it is let in as a new replica. */
  lost: DurableImage | undefined;
  /** The state after the last step of the present life. */
  view: RaftView | undefined;
  /** The leader of this term was heard at this time of the replica's clock. */
  heard: { term: number; atMs: number } = neverHeard;
  /** Requests for a pre-vote that came while a leader was being heard. */
  readonly askedInVain: WeakSet<RaftRequest> = new WeakSet();
  /** Whether the log holds the last entry of the snapshot that is coming in. */
  suffixMatches = false;
  /** How much of that snapshot was saved, in bytes. */
  nextOffset = 0;
  /** The batch that was handed out last. */
  inFlight: WriteBatch | undefined;
  /** Of the present life. */
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
    };
    this.image = new DurableImage(platter, this.#watch);
  }

  /** Whether an entry is durable here, or was until the storage was lost. */
  holds(index: number, term: number): boolean {
    return this.image.holds(index, term) || this.lost?.holds(index, term) === true;
  }

  /** Its storage is gone, or can't be trusted any more. */
  storageLost(): void {
    this.lost ??= this.image;
    this.image = new DurableImage(this.#platter, this.#watch);
  }

  /** The process ended. */
  ended(): void {
    this.view = undefined;
    this.heard = neverHeard;
    this.reads = new ReadRules();
  }
}
