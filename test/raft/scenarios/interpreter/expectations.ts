import type { RoleName } from "../../../../src/raft/index.ts";
import type { Actor } from "./actor.ts";
import type { Direction, Words } from "./direction.ts";
import { select } from "./letters.ts";
import { selectionOf } from "./network-directions.ts";
import { isLeading } from "./settling.ts";
import type { Stage } from "./stage.ts";

/** What the author of a play says must be so, whatever the transcript says. */
export const expectations: readonly Direction[] = [
  {
    usage: "expect <replica> leads term <term>",
    meaning: "it is the leader of this term",
    run: (stage, words) => {
      const { role, currentTerm } = viewOf(stage, words);
      same(`${role} of term ${currentTerm}`, `leader of term ${words.get("term")}`);
    },
  },
  {
    usage: "expect nobody leads",
    meaning: "no replica that is up believes that it leads",
    run: (stage) => same(namesOf(stage.actors.filter(isLeading)), "nobody"),
  },
  {
    usage: "expect <replicas> follows/follow <leader>",
    meaning: "they follow this leader; `nobody` where they know none",
    run: (stage, words) =>
      forEach(stage, words, (actor) => {
        const { role, leader } = actor.up.core.view();
        same(`${role} of ${leader ?? "nobody"}`, `follower of ${words.get("leader")}`);
      }),
  },
  {
    usage: "expect <replicas> is/are down",
    meaning: "they crashed or stopped",
    run: (stage, words) => forEach(stage, words, ({ replica }) => same(replica ? "up" : "down", "down")),
  },
  {
    usage: "expect <replicas> is/are <role>",
    meaning: "bootstrapping, follower, pre-candidate, candidate or leader",
    run: (stage, words) =>
      forEach(stage, words, (actor) => same(roleNames[actor.up.core.view().role], words.get("role"))),
  },
  {
    usage: "expect <replicas> in term <term>",
    meaning: "their current term",
    run: (stage, words) =>
      forEach(stage, words, (actor) => same(actor.up.core.view().currentTerm, words.number("term"))),
  },
  {
    usage: "expect <replica> voted for <vote>",
    meaning: "its vote in its current term; `nobody` where it is free",
    run: (stage, words) => same(viewOf(stage, words).votedFor ?? "nobody", words.get("vote")),
  },
  {
    usage: "expect <replicas> log <positions>",
    meaning: "all entries of the log in memory, `nothing` where there are none",
    run: (stage, words) =>
      forEach(stage, words, (actor) => {
        const view = actor.up.core.view();
        same(positions(view.entries(view.firstLogIndex, view.lastLogIndex)), words.get("positions"));
      }),
  },
  {
    usage: "expect <replicas> snapshot <position>",
    meaning: "where its newest snapshot ends",
    run: (stage, words) =>
      forEach(stage, words, (actor) => {
        const { snapshot } = actor.up.core.view();
        const at = snapshot && `${snapshot.lastIncludedIndex}@${snapshot.lastIncludedTerm}`;
        same(at ?? "nothing", words.get("position"));
      }),
  },
  {
    usage: "expect <replicas> committed <number>",
    meaning: "its commit index",
    run: (stage, words) =>
      forEach(stage, words, (actor) => same(actor.up.core.view().commitIndex, words.number("number"))),
  },
  {
    usage: "expect <replicas> applied <commands>",
    meaning: "all commands that made its state, in order; `nothing` where there are none",
    run: (stage, words) =>
      forEach(stage, words, (actor) =>
        same(
          actor.up.applied.map((command) => command.trimEnd()).join(" ") || "nothing",
          words.get("commands"),
        ),
      ),
  },
  {
    usage: "expect <replicas> disk <positions>",
    meaning: "the entries that are durable",
    run: (stage, words) =>
      forEach(stage, words, ({ image }) => same(positions(image.entries), words.get("positions"))),
  },
  {
    usage: "expect <replicas> disk term <term>, vote <vote>",
    meaning: "the term and the vote that are durable",
    run: (stage, words) =>
      forEach(stage, words, ({ image: { hardState } }) => {
        const { currentTerm, votedFor } = hardState;
        same(
          `term ${currentTerm}, vote ${votedFor ?? "nobody"}`,
          `term ${words.get("term")}, vote ${words.get("vote")}`,
        );
      }),
  },
  {
    usage: "expect <replica> knows <peer>: <mode>, match <number>",
    meaning: "what a leader knows of a peer: probe, replicate or snapshot, and its matchIndex",
    run: (stage, words) => {
      const peer = viewOf(stage, words).peers.find(({ id }) => id === words.get("peer"));
      const known = peer && `${peer.mode}, match ${peer.matchIndex}`;
      same(known ?? "nothing", `${words.get("mode")}, match ${words.get("number")}`);
    },
  },
  {
    usage: "expect read <name> waits",
    meaning: "it was neither answered nor refused",
    run: (stage, words) => same(readOf(stage, words), "waits"),
  },
  {
    usage: "expect read <name> refused",
    meaning: "it was refused: the replica does not lead, or does so no longer",
    run: (stage, words) => same(readOf(stage, words), "refused"),
  },
  {
    usage: "expect read <name> at <number>",
    meaning: "it was answered from the state at this index",
    run: (stage, words) => same(readOf(stage, words), `at ${words.get("number")}`),
  },
  {
    usage: "expect <number> on the wire[: <letters>]",
    meaning: "how many messages of this kind are under way",
    run: (stage, words) => {
      const letters = select(
        stage.post.wire.letters,
        selectionOf(stage, words.maybe("letters") ?? "everything"),
      );
      same(letters.length, words.number("number"));
    },
  },
];

const roleNames: Readonly<Record<RoleName, string>> = {
  bootstrapping: "bootstrapping",
  follower: "follower",
  preCandidate: "pre-candidate",
  candidate: "candidate",
  leader: "leader",
};

function viewOf(stage: Stage, words: Words): ReturnType<Actor["up"]["core"]["view"]> {
  return stage.actor(words.get("replica")).up.core.view();
}

function forEach(stage: Stage, words: Words, check: (actor: Actor) => void): void {
  for (const actor of stage.group(words.get("replicas"))) {
    try {
      check(actor);
    } catch (error) {
      throw new Error(`${actor.id}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

function same<T extends string | number>(actual: T, expected: T): void {
  if (actual !== expected) throw new Error(`expected ${expected}, but it is ${actual}`);
}

function namesOf(actors: readonly Actor[]): string {
  return actors.map(({ id }) => id).join(", ") || "nobody";
}

function positions(entries: readonly { index: number; term: number }[]): string {
  return entries.map(({ index, term }) => `${index}@${term}`).join(" ") || "nothing";
}

function readOf(stage: Stage, words: Words): string {
  const state = stage.reads.state(words.get("name"));
  return typeof state === "string" ? state : `at ${state.readIndex}`;
}
