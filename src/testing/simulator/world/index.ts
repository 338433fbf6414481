export { MachineClock } from "./clock.ts";
export {
  type Answered,
  type Carried,
  Network,
  type NetworkClass,
  OUTSIDER,
  REPLAY_WITHIN_MS,
  type Station,
  type Tap,
  type Weather,
} from "./network.ts";
export { hashOf, hashOfBytes, RandomStream } from "./random.ts";
export { EventLimitExceeded, type Host, Scheduler } from "./scheduler.ts";
export { type EventKind, type EventNumbers, eventKinds, Trace, type TraceEvent } from "./trace.ts";
export { type OutsiderWatch, type ReplyWatch, SimulatedTransport } from "./transport.ts";
