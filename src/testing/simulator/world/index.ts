export { MachineClock } from "./clock.ts";
export { Network, type NetworkClass, REPLAY_WITHIN_MS, type Station, type Weather } from "./network.ts";
export { hashOf, hashOfBytes, RandomStream } from "./random.ts";
export { EventLimitExceeded, type Host, Scheduler } from "./scheduler.ts";
export { type EventKind, type EventNumbers, eventKinds, Trace, type TraceEvent } from "./trace.ts";
export { type ReplyWatch, SimulatedTransport } from "./transport.ts";
