import type { Actor } from "./actor.ts";
import type { Stage } from "./stage.ts";

/** More than any conversation that comes to an end. */
const MAX_MESSAGES = 10_000;

/** Messages arrive until the wire is empty. */
export function deliverAll(stage: Stage): void {
  for (let count = 0; stage.post.wire.letters.length > 0; count++) {
    if (count > MAX_MESSAGES) throw new Error(`${MAX_MESSAGES} messages, and no end`);
    const [letter] = stage.post.wire.letters;
    if (letter === undefined) return;
    stage.post.wire.takeOne(letter);
    stage.post.deliver(letter);
  }
}

/** All that is under way comes to its end, and the followers learn what is committed. */
export function settleAll(stage: Stage): void {
  deliverAll(stage);
  for (const actor of stage.actors.filter(isLeading)) fireTimer(stage, actor);
  deliverAll(stage);
}

export function isLeading(actor: Actor): boolean {
  return actor.replica?.core.view().role === "leader";
}

/** A replica's timer fires when it is due. Meanwhile time passes for the others too, whose timers have to wait. */
export function fireTimer(stage: Stage, actor: Actor): void {
  const deadlineMs = actor.up.core.deadline();
  if (!Number.isFinite(deadlineMs)) throw new RangeError(`${actor.id} waits for nothing`);
  const ms = Math.max(0, deadlineMs - actor.nowMs);
  for (const other of stage.actors) if (other !== actor) other.wait(ms);
  actor.nowMs += ms;
  stage.step(actor, { type: "timer" });
}

/**
 * Time passes for all, and timers fire when they are due.
 *
 * @param afterEach what happens after each of them
 */
export function elapse(stage: Stage, ms: number, afterEach: () => void): void {
  const startMs = new Map(stage.actors.map((actor) => [actor, actor.nowMs]));
  const dueMs = (actor: Actor) =>
    (actor.replica?.core.deadline() ?? Number.POSITIVE_INFINITY) - (startMs.get(actor) ?? 0);
  for (;;) {
    const next = [...stage.actors].sort((a, b) => dueMs(a) - dueMs(b))[0];
    if (next === undefined || dueMs(next) > ms) break;
    const elapsedMs = Math.max(0, dueMs(next));
    for (const [actor, start] of startMs) actor.nowMs = Math.max(actor.nowMs, start + elapsedMs);
    stage.step(next, { type: "timer" });
    afterEach();
  }
  for (const [actor, start] of startMs) actor.nowMs = Math.max(actor.nowMs, start + ms);
}
