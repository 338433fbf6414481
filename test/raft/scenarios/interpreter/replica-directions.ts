import { emptyState } from "../../../../src/raft/index.ts";
import { batchInWords } from "./change-in-words.ts";
import type { Direction } from "./direction.ts";
import { stateInWords } from "./stage.ts";

/** A replica's disk, its end and its return, its snapshots, and its clients. */
export const replicaDirections: readonly Direction[] = [
  {
    usage: "<replicas> has/have a slow disk",
    meaning: "what it writes is in flight until the play completes it",
    run: (stage, words) => {
      for (const actor of stage.group(words.get("replicas"))) actor.slowDisk = true;
    },
  },
  {
    usage: "<replicas> has/have a fast disk",
    meaning: "what it writes is durable at once, as at the start of a play; so is what is in flight now",
    run: (stage, words) => {
      for (const actor of stage.group(words.get("replicas"))) {
        actor.slowDisk = false;
        if (actor.writing !== undefined) stage.completeWrite(actor);
      }
    },
  },
  {
    usage: "<replica> completes its write",
    acts: true,
    meaning: "the write in flight is durable, and the replica hears of it",
    run: (stage, words) => stage.completeWrite(stage.actor(words.get("replica"))),
  },
  {
    usage: "<replica> saves its chunk",
    acts: true,
    meaning: "the chunk of a snapshot that it received is on its slow disk",
    run: (stage, words) => stage.saveChunk(stage.actor(words.get("replica"))),
  },
  {
    usage: "<replicas> crashes/crash",
    meaning: "a write in flight is lost, and so is all that was in memory",
    run: (stage, words) => {
      for (const actor of stage.group(words.get("replicas"))) {
        const lost = actor.writing && batchInWords(actor.writing, actor.image);
        if (lost !== undefined) stage.tell(actor, `what it was writing is lost: ${lost}`);
        stage.crash(actor);
      }
    },
  },
  {
    usage: "<replica> crashes just after its write",
    meaning: "the write in flight is durable, but the replica never hears of it",
    run: (stage, words) => {
      const actor = stage.actor(words.get("replica"));
      if (actor.writing === undefined) throw new RangeError(`${actor.id} is not writing anything`);
      stage.tell(actor, `wrote ${batchInWords(actor.writing, actor.image)}, and crashes`);
      actor.image.complete();
      stage.crash(actor);
    },
  },
  {
    usage: "<replicas> loses/lose its/their disk",
    meaning: "it crashes, and comes back with empty storage",
    run: (stage, words) => {
      for (const actor of stage.group(words.get("replicas"))) {
        stage.crash(actor);
        actor.store(emptyState);
      }
    },
  },
  {
    usage: "<replicas> restarts/restart",
    meaning: "it comes up again with what its disk holds",
    run: (stage, words) => {
      for (const actor of stage.group(words.get("replicas"))) {
        if (actor.replica !== undefined) throw new RangeError(`${actor.id} is up`);
        stage.start(actor);
        stage.tell(actor, stateInWords(actor));
      }
    },
  },
  {
    usage: "<replica> resigns",
    acts: true,
    meaning: "it is about to stop: it leads no more and campaigns no more, but votes and follows",
    run: (stage, words) => stage.step(stage.actor(words.get("replica")), { type: "resign" }),
  },
  {
    usage: "<replica> takes a snapshot",
    meaning: "of all that it applied; it is durable at once",
    run: (stage, words) => {
      const actor = stage.actor(words.get("replica"));
      const { index, term } = actor.up.appliedTo;
      actor.up.saveSnapshot(actor.nowMs);
      stage.tell(actor, `snapshot up to ${index}@${term}: ${stateInWords(actor)}`);
      stage.settle(actor);
    },
  },
  {
    usage: "client writes <commands> at once to <replica>",
    meaning: "the commands are proposed before anything is sent",
    run: (stage, words) => propose(stage, words.get("replica"), words.get("commands").split(" ")),
  },
  {
    usage: "client writes <commands> to <replica>",
    meaning:
      "each command is proposed by itself, and what follows from it is sent before the next. `x*500` is a command of 500 bytes",
    run: (stage, words) => {
      for (const command of words.get("commands").split(" ")) {
        propose(stage, words.get("replica"), [command]);
      }
    },
  },
  {
    usage: "client reads <name> from <replica>",
    acts: true,
    meaning: "a linearizable read, by a name of its own: when is which state new enough to answer from?",
    run: (stage, words) => {
      const readId = stage.reads.ask(words.get("name"));
      stage.monitor.readAsked(readId);
      stage.step(stage.actor(words.get("replica")), { type: "read", readId });
    },
  },
];

function propose(stage: Parameters<Direction["run"]>[0], name: string, commands: readonly string[]): void {
  const actor = stage.actor(name);
  for (const command of commands) {
    const proposed = actor.up.core.propose(bytesOf(command));
    switch (proposed.type) {
      case "accepted":
        stage.tell(actor, `appends ${command} as ${proposed.index}@${proposed.term}`);
        break;
      case "notLeader":
        stage.tell(actor, `refuses ${command}: ${proposed.leader ?? "nobody it knows of"} leads`);
        break;
      case "overloaded":
        stage.tell(actor, `refuses ${command}: too much awaits its commit`);
        break;
    }
  }
  stage.settle(actor);
}

/** `x*500` is a command x of 500 bytes. */
function bytesOf(command: string): Uint8Array {
  const [, size = "0"] = command.split("*");
  return new TextEncoder().encode(command.padEnd(Number(size), " "));
}
