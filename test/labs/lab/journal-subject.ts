import { Raft } from "../../../src/replica/index.ts";
import { checkLinearizability, modelOf } from "../../../src/testing/linearizability/index.ts";
import type { RunningReplica, Subject } from "../../../src/testing/simulator/index.ts";
import { Journal } from "./journal.ts";
import { type RequestWatch, watchedTransport } from "./watched-transport.ts";

/** A replica with a journal on it. */
export class JournalReplica implements RunningReplica<string, number> {
  readonly raft: Raft<number>;
  readonly journal: Journal;

  constructor(raft: Raft<number>, journal: Journal) {
    this.raft = raft;
    this.journal = journal;
  }

  state(): Iterable<Uint8Array> {
    return [this.journal.digest()];
  }
}

export interface JournalOptions {
  /** Interval between snapshots, in indices, as in the labs' service. Default: only when the log asks for one. */
  readonly snapshotEvery?: number;
}

/** Replicas with journals and without clients: the tests ask them directly. */
export function journalSubject(
  { snapshotEvery }: JournalOptions,
  requestLeaves: RequestWatch,
): Subject<string, number> {
  return {
    name: "journal",
    closing: [],
    draw: (_random, number) => String(number),
    client: () => ({ call: async () => ({ type: "none" }) }),
    check: (history) => checkLinearizability(history, counter),
    async start(place) {
      const journal = new Journal();
      const transport = watchedTransport(place.transport, requestLeaves);
      const raft = await Raft.start({ ...place, transport, stateMachine: journal });
      if (snapshotEvery !== undefined) {
        journal.onApplied = (index) => {
          if (index % snapshotEvery === 0) save(raft, journal, index);
        };
      }
      return new JournalReplica(raft, journal);
    },
  };
}

/** No client ever asks for it. */
const counter = modelOf({
  name: "counter",
  initial: 0,
  apply: (count: number, _command: string) => ({ state: count + 1, output: count + 1 }),
});

function save(raft: Raft<number>, journal: Journal, index: number): void {
  // One that fails stops the replica, which the world notices.
  raft.saveSnapshot(index, () => journal.snapshot()).catch(() => {});
}
