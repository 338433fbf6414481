import type { Actor } from "./actor.ts";
import type { Direction } from "./direction.ts";
import { kindOf, type Letter } from "./letters.ts";
import { fireTimer, isLeading, settleAll } from "./settling.ts";
import type { Stage } from "./stage.ts";

/** Elections in a line, for plays that are about something else. */
export const electionDirections: readonly Direction[] = [
  {
    usage: "<replica> becomes leader and settles",
    meaning: "all vote for it, its no-op is committed, and all know it",
    run: (stage, words) => {
      const actor = stage.actor(words.get("replica"));
      const voters = elect(stage, actor, stage.actors);
      stage.recorder.during("nothing", () => settleAll(stage));
      const { commitIndex, currentTerm } = actor.up.core.view();
      stage.tell(
        actor,
        `leads term ${currentTerm}, elected by ${voters}; commits up to ${commitIndex}@${currentTerm}`,
      );
    },
  },
  {
    usage: "<replica> becomes leader[ by <replicas>]",
    meaning:
      "it times out and is elected, with the votes of these alone where they are given. The other messages stay on the wire, its first AppendEntries among them",
    run: (stage, words) => {
      const actor = stage.actor(words.get("replica"));
      const by = words.maybe("replicas");
      const voters = elect(stage, actor, by === undefined ? stage.actors : stage.group(by));
      const { leadershipIndex, currentTerm } = actor.up.core.view();
      stage.tell(
        actor,
        `leads term ${currentTerm}, elected by ${voters}; sends its no-op ${leadershipIndex}@${currentTerm}`,
      );
    },
  },
  {
    usage: "<replicas> become/becomes candidate[s]",
    meaning:
      "each times out and has a quorum of pre-votes at once, made up, as if they had crossed with those of its rivals: a pre-vote binds nobody. Its requests for votes are on the wire",
    run: (stage, words) => {
      for (const actor of stage.group(words.get("replicas"))) {
        stage.recorder.during("nothing", () => nominate(stage, actor));
        const { role, currentTerm } = actor.up.core.view();
        if (role !== "candidate") throw new Error(`${actor.id} does not become a candidate: it is ${role}`);
        stage.tell(actor, `candidate, term ${currentTerm}`);
      }
    },
  },
];

function nominate(stage: Stage, candidate: Actor): void {
  fireTimer(stage, candidate);
  const isPreVote = ({ call }: Letter) =>
    call.from === candidate.id && call.request.type === "requestVote" && call.request.preVote;
  for (const letter of stage.post.wire.letters.filter(isPreVote)) {
    stage.post.wire.takeOne(letter);
    const { currentTerm: term, role } = candidate.up.core.view();
    if (role !== "preCandidate") continue;
    const reply = { type: "requestVote", term, voteGranted: true } as const;
    stage.step(candidate, { type: "reply", from: letter.to, request: letter.call.request, reply });
  }
}

/** A campaign may have to be repeated: voters that heard a leader lately refuse at first. */
const MAX_CAMPAIGNS = 4;

/** @returns who voted for it, in words */
function elect(stage: Stage, candidate: Actor, electorate: readonly Actor[]): string {
  const leadersBefore = stage.actors.filter((actor) => actor !== candidate && isLeading(actor));
  const ids = electorate.map(({ id }) => id);
  const voters = new Set<string>();
  stage.recorder.during("nothing", () => {
    for (let campaigns = 0; campaigns < MAX_CAMPAIGNS && !isLeading(candidate); campaigns++) {
      voters.clear();
      fireTimer(stage, candidate);
      for (let letter = nextBallot(stage, candidate); letter !== undefined; ) {
        stage.post.wire.takeOne(letter);
        const isHeard = [letter.from, letter.to].every((id) => id === candidate.id || ids.includes(id));
        if (isHeard) stage.post.deliver(letter);
        else stage.post.lose(letter, "not asked");
        if (isHeard && isVoteFor(letter)) voters.add(letter.from);
        finishVotes(stage, candidate);
        letter = nextBallot(stage, candidate);
      }
    }
  });
  if (!isLeading(candidate)) {
    throw new Error(`${candidate.id} is not elected: it is ${candidate.up.core.view().role}`);
  }
  for (const actor of leadersBefore) if (!isLeading(actor)) stage.tell(actor, "steps down");
  return [...voters].join(", ") || "itself";
}

function nextBallot(stage: Stage, { id }: Actor): Letter | undefined {
  return stage.post.wire.letters.find(({ call, ...letter }) => {
    return call.from === id && kindOf({ call, ...letter }) === "vote";
  });
}

function isVoteFor({ call, reply }: Letter): boolean {
  const isVote = call.request.type === "requestVote" && !call.request.preVote;
  return isVote && reply?.type === "requestVote" && reply.voteGranted;
}

/** Votes don't wait for a slow disk here; the leader's first write, which follows, does. */
function finishVotes(stage: Stage, candidate: Actor): void {
  for (const actor of stage.actors) {
    const isBallot = actor.writing !== undefined && actor.writing.entries.length === 0;
    if (isBallot && !(actor === candidate && isLeading(candidate))) stage.completeWrite(actor);
  }
}
