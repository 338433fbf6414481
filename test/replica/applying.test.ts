import { expect, test } from "vitest";
import { MemoryStorage, memoryPersister } from "../../adapters/memory/index.ts";
import type { Clock, StateMachine } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { Raft } from "../../src/replica/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { VirtualClock } from "./virtual-clock.ts";

const clusterId = "test";
const id = replicaId("n1");

/** Virtual time that also passes while something is computed, and counts the turns of the event loop. */
class BusyClock implements Clock {
  readonly virtual: VirtualClock = new VirtualClock();
  busyMs = 0;
  turn = 0;

  now(): number {
    return this.virtual.now() + this.busyMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    return this.virtual.setTimer(delayMs, callback);
  }

  defer(callback: () => void): void {
    this.virtual.defer(() => {
      this.turn++;
      callback();
    });
  }
}

test("a state machine that takes 2 ms for each command blocks no turn for long, except the first", async () => {
  const clock = new BusyClock();
  const perTurn = new Map<number, number>();
  const stateMachine: StateMachine<void> = {
    apply() {
      perTurn.set(clock.turn, (perTurn.get(clock.turn) ?? 0) + 1);
      clock.busyMs += 2;
    },
    snapshot: () => [],
    restore: async () => {},
  };
  const network = new LoopbackNetwork({ clusterId });
  const starting = Raft.start({
    id,
    voters: [id],
    transport: network.transport(id),
    persister: memoryPersister({ clusterId, replicaId: id, storage: new MemoryStorage() }),
    stateMachine,
    clock,
    random: () => 0,
    tuning: { maxApplyMs: 8 },
  });
  await using raft = await clock.virtual.settled(starting);
  await clock.virtual.until(() => raft.getState().isLeader);
  const outcomes = Array.from({ length: 200 }, () => raft.propose(new Uint8Array(1)));
  await clock.virtual.settled(Promise.all(outcomes));
  const [first, ...others] = perTurn.values();
  expect(first).toBe(16);
  expect(others.reduce((sum, entries) => sum + entries, 0)).toBe(184);
  expect(Math.max(...others)).toBe(4);
});
