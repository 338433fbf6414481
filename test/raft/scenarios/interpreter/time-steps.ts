import { deliverAll, elapse, fireTimer, isLeading, settleAll } from "./settling.ts";
import type { StepDefinition } from "./step-definition.ts";

/** Clocks and timers. Every replica has its own clock, and only these steps fire timers. */
export const timeSteps: readonly StepDefinition[] = [
  {
    usage: "<replica> times out",
    acts: true,
    meaning: "its timer fires at its deadline. Time passes for the others too, but their timers don't fire",
    run: (cluster, words) => fireTimer(cluster, cluster.machine(words.get("replica"))),
  },
  {
    usage: "<replica> sends heartbeats",
    acts: true,
    meaning: "the same, for a leader",
    run: (cluster, words) => {
      const machine = cluster.machine(words.get("replica"));
      if (!isLeading(machine)) throw new RangeError(`${machine.id} does not lead`);
      fireTimer(cluster, machine);
    },
  },
  {
    usage: "<ms> ms pass, and messages arrive",
    acts: true,
    meaning:
      "time passes for all, timers fire at their deadlines, and every message arrives at once. The transcript has no details",
    run: (cluster, words) => {
      cluster.recorder.during("events", () => {
        deliverAll(cluster);
        elapse(cluster, words.number("ms"), () => deliverAll(cluster));
      });
    },
  },
  {
    usage: "<ms> ms pass, and no timer fires",
    meaning: "time passes for each replica, but not beyond its next timer",
    run: (cluster, words) => {
      for (const machine of cluster.machines) machine.wait(words.number("ms"));
    },
  },
  {
    usage: "<replica> stalls for <ms> ms",
    acts: true,
    meaning: "its process is suspended; then its timer fires late",
    run: (cluster, words) => {
      const machine = cluster.machine(words.get("replica"));
      machine.nowMs += words.number("ms");
      cluster.step(machine, { type: "timer" });
    },
  },
  {
    usage: "settle",
    acts: true,
    meaning:
      "all messages arrive, leaders send heartbeats so that all learn the commit index, and those arrive too. The transcript has no details",
    run: (cluster) => cluster.recorder.during("events", () => settleAll(cluster)),
  },
];
