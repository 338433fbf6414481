import type { Direction } from "./direction.ts";
import { deliverAll, elapse, fireTimer, isLeading, settleAll } from "./settling.ts";

/** Clocks and timers. Every replica has a clock of its own, and no timer fires but by one of these. */
export const timeDirections: readonly Direction[] = [
  {
    usage: "<replica> times out",
    acts: true,
    meaning: "its timer is due and fires; time has passed for the others too, but their timers wait",
    run: (stage, words) => fireTimer(stage, stage.actor(words.get("replica"))),
  },
  {
    usage: "<replica> sends heartbeats",
    acts: true,
    meaning: "the same, of a leader",
    run: (stage, words) => {
      const actor = stage.actor(words.get("replica"));
      if (!isLeading(actor)) throw new RangeError(`${actor.id} does not lead`);
      fireTimer(stage, actor);
    },
  },
  {
    usage: "<ms> ms pass, and messages arrive",
    acts: true,
    meaning:
      "time passes for all, timers fire when they are due, and every message arrives at once. Details are left out of the transcript",
    run: (stage, words) => {
      stage.recorder.during("events", () => {
        deliverAll(stage);
        elapse(stage, words.number("ms"), () => deliverAll(stage));
      });
    },
  },
  {
    usage: "<ms> ms pass, and no timer fires",
    meaning: "time passes for each replica, but no further than to its next timer",
    run: (stage, words) => {
      for (const actor of stage.actors) actor.wait(words.number("ms"));
    },
  },
  {
    usage: "<replica> stalls for <ms> ms",
    acts: true,
    meaning: "its process stands still; then its timer fires, as late as that",
    run: (stage, words) => {
      const actor = stage.actor(words.get("replica"));
      actor.nowMs += words.number("ms");
      stage.step(actor, { type: "timer" });
    },
  },
  {
    usage: "settle",
    acts: true,
    meaning:
      "all messages arrive, leaders send heartbeats so that all learn what is committed, and those arrive too. Details are left out of the transcript",
    run: (stage) => stage.recorder.during("events", () => settleAll(stage)),
  },
];
