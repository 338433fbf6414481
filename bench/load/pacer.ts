import { dueMs, nowMs, type Schedule } from "./schedule.ts";

declare const self: Worker;

/** A thread that signals each due request, because Bun's timers have a resolution of a millisecond. */
self.onmessage = ({ data: schedule }: MessageEvent<Schedule>) => {
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  for (let n = 0; n < schedule.total; n++) {
    const waitMs = dueMs(schedule, n) - nowMs();
    if (waitMs > 0) Atomics.wait(asleep, 0, 0, waitMs);
    self.postMessage(undefined);
  }
};
