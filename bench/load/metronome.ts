import { dueMs, nowMs, type Schedule } from "./schedule.ts";

declare const self: Worker;

/** A thread that says each time a request has become due: the timers of Bun wait in whole milliseconds. */
self.onmessage = ({ data: schedule }: MessageEvent<Schedule>) => {
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  for (let n = 0; n < schedule.total; n++) {
    const waitMs = dueMs(schedule, n) - nowMs();
    if (waitMs > 0) Atomics.wait(asleep, 0, 0, waitMs);
    self.postMessage(undefined);
  }
};
