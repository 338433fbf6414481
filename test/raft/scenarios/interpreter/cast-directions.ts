import {
  defaultTuning,
  type PersistedState,
  type RaftTuning,
  type ReplicaId,
} from "../../../../src/raft/index.ts";
import { stateOf } from "../../inputs.ts";
import type { Direction } from "./direction.ts";
import type { Stage } from "./stage.ts";

/** Who takes part, and with what on their disks. */
export const castDirections: readonly Direction[] = [
  {
    usage: "cluster of <number>, all new",
    meaning: "the cast: n1, n2, … with empty storage, which have to ask one another before they take part",
    run(stage, words) {
      stage.cast(words.number("number"), {});
      for (const actor of stage.actors) stage.start(actor);
    },
  },
  {
    usage: "cluster of <number>[, with <options>]",
    meaning:
      "the cast: n1, n2, … in term 1 with empty logs, who have decided things together before. Options are those of RaftTuning: `with maxInflightAppends 2, maxAppendBytes 100`",
    run(stage, words) {
      stage.cast(words.number("number"), tuningOf(words.maybe("options") ?? ""));
      for (const actor of stage.actors) {
        actor.store(acquainted(stage, actor.id, stateOf({ term: 1 })));
        stage.start(actor);
      }
    },
  },
  {
    usage: "<replicas> has/have term <term>[, vote <vote>][, log <positions>]",
    meaning: "what a replica's disk holds as the play begins; it starts from that",
    run(stage, words) {
      for (const actor of stage.group(words.get("replicas"))) {
        if (actor.nowMs > 0) throw new RangeError("a disk is filled before the play begins");
        actor.crash();
        const state = stateOf({
          term: words.number("term"),
          log: words.maybe("positions") ?? "",
          ...voteOf(stage, words.maybe("vote")),
        });
        actor.store(acquainted(stage, actor.id, state));
        stage.start(actor);
      }
    },
  },
  {
    usage: "<replica> draws an election timeout of <ms> ms",
    meaning: "from the next time it draws one; unless told otherwise n1 draws 300 ms, n2 350, n3 400, …",
    run(stage, words) {
      stage.actor(words.get("replica")).electionTimeoutMs = words.number("ms");
    },
  },
];

/** Whoever has a past has it together with all others; see docs/decisions/0006. */
function acquainted(stage: Stage, id: ReplicaId, state: PersistedState): PersistedState {
  const countedPeers = stage.ids.filter((peer) => peer !== id);
  return { ...state, hardState: { ...state.hardState, countedPeers } };
}

function voteOf(stage: Stage, vote: string | undefined): { votedFor?: ReplicaId } {
  return vote === undefined ? {} : { votedFor: stage.actor(vote).id };
}

function tuningOf(options: string): Partial<RaftTuning> {
  const words = options.split(", ").filter((option) => option !== "");
  const allowed = Object.keys(defaultTuning);
  return Object.fromEntries(
    words.map((word) => {
      const [name = "", value = ""] = word.split(" ");
      if (!allowed.includes(name) || !/^\d+$/.test(value)) {
        throw new RangeError(`an option is one of ${allowed.join(", ")} and a number, not ${word}`);
      }
      return [name, Number(value)];
    }),
  );
}
