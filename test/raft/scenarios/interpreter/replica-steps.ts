import { emptyState } from "../../../../src/raft/index.ts";
import { batchInWords } from "./change-in-words.ts";
import { stateInWords } from "./scenario-cluster.ts";
import type { StepDefinition } from "./step-definition.ts";

/** A replica's disk, crashes and restarts, snapshots and clients. */
export const replicaSteps: readonly StepDefinition[] = [
  {
    usage: "<replicas> has/have a slow disk",
    meaning: "its writes are in flight until a step completes them",
    run: (cluster, words) => {
      for (const machine of cluster.group(words.get("replicas"))) machine.slowDisk = true;
    },
  },
  {
    usage: "<replicas> has/have a fast disk",
    meaning:
      "its writes are durable at once, as at the start of a scenario; the write in flight is completed",
    run: (cluster, words) => {
      for (const machine of cluster.group(words.get("replicas"))) {
        machine.slowDisk = false;
        if (machine.writing !== undefined) cluster.completeWrite(machine);
      }
    },
  },
  {
    usage: "<replica> completes its write",
    acts: true,
    meaning: "the write in flight is durable, and the replica is told",
    run: (cluster, words) => cluster.completeWrite(cluster.machine(words.get("replica"))),
  },
  {
    usage: "<replica> saves its chunk",
    acts: true,
    meaning: "the received chunk of a snapshot is on its slow disk",
    run: (cluster, words) => cluster.saveChunk(cluster.machine(words.get("replica"))),
  },
  {
    usage: "<replicas> crashes/crash",
    meaning: "the write in flight and the memory are lost",
    run: (cluster, words) => {
      for (const machine of cluster.group(words.get("replicas"))) {
        const lost = machine.writing && batchInWords(machine.writing, machine.image);
        if (lost !== undefined) cluster.record(machine, `its write is lost: ${lost}`);
        cluster.crash(machine);
      }
    },
  },
  {
    usage: "<replica> crashes just after its write",
    meaning: "the write in flight is durable, but the replica is not told",
    run: (cluster, words) => {
      const machine = cluster.machine(words.get("replica"));
      if (machine.writing === undefined) throw new RangeError(`${machine.id} is not writing anything`);
      cluster.record(machine, `wrote ${batchInWords(machine.writing, machine.image)}, and crashes`);
      machine.image.complete();
      cluster.crash(machine);
    },
  },
  {
    usage: "<replicas> loses/lose its/their disk",
    meaning: "it crashes, and its storage is empty",
    run: (cluster, words) => {
      for (const machine of cluster.group(words.get("replicas"))) {
        cluster.crash(machine);
        machine.store(emptyState);
      }
    },
  },
  {
    usage: "<replicas> restarts/restart",
    meaning: "it starts again from its disk",
    run: (cluster, words) => {
      for (const machine of cluster.group(words.get("replicas"))) {
        if (machine.replica !== undefined) throw new RangeError(`${machine.id} is up`);
        cluster.start(machine);
        cluster.record(machine, stateInWords(machine));
      }
    },
  },
  {
    usage: "<replica> resigns",
    acts: true,
    meaning: "it is about to stop: it no longer leads or campaigns, but votes and follows",
    run: (cluster, words) => cluster.step(cluster.machine(words.get("replica")), { type: "resign" }),
  },
  {
    usage: "<replica> takes a snapshot",
    meaning: "of its applied entries; it is durable at once",
    run: (cluster, words) => {
      const machine = cluster.machine(words.get("replica"));
      const { index, term } = machine.up.appliedTo;
      machine.up.saveSnapshot(machine.nowMs);
      cluster.record(machine, `snapshot up to ${index}@${term}: ${stateInWords(machine)}`);
      cluster.settle(machine);
    },
  },
  {
    usage: "client writes <commands> at once to <replica>",
    meaning: "all commands are proposed before anything is sent",
    run: (cluster, words) => propose(cluster, words.get("replica"), words.get("commands").split(" ")),
  },
  {
    usage: "client writes <commands> to <replica>",
    meaning: "each command is proposed and sent before the next one. `x*500` is a command of 500 bytes",
    run: (cluster, words) => {
      for (const command of words.get("commands").split(" ")) {
        propose(cluster, words.get("replica"), [command]);
      }
    },
  },
  {
    usage: "client reads <name> from <replica>",
    acts: true,
    meaning: "starts a linearizable read with this name",
    run: (cluster, words) => {
      const readId = cluster.reads.start(words.get("name"));
      cluster.monitor.readAsked(readId);
      cluster.step(cluster.machine(words.get("replica")), { type: "read", readId });
    },
  },
];

function propose(
  cluster: Parameters<StepDefinition["run"]>[0],
  name: string,
  commands: readonly string[],
): void {
  const machine = cluster.machine(name);
  for (const command of commands) {
    const proposed = machine.up.core.propose(bytesOf(command));
    switch (proposed.type) {
      case "accepted":
        cluster.record(machine, `appends ${command} as ${proposed.index}@${proposed.term}`);
        break;
      case "notLeader":
        cluster.record(
          machine,
          `refuses ${command}: ${proposed.leader === undefined ? "no leader is known" : `${proposed.leader} leads`}`,
        );
        break;
      case "overloaded":
        cluster.record(machine, `refuses ${command}: too many uncommitted bytes`);
        break;
    }
  }
  cluster.settle(machine);
}

/** `x*500` is a command x of 500 bytes. */
function bytesOf(command: string): Uint8Array {
  const [, size = "0"] = command.split("*");
  return new TextEncoder().encode(command.padEnd(Number(size), " "));
}
