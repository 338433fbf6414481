/**
 * Records what a replica was given, and replays it into a bare core.
 *
 * @module
 */
export { DamagedRecord, RecordReader } from "./encoding.ts";
export { type Outline, RECORD_VERSION, type RecordedInput, type RecordItem } from "./record-item.ts";
export { Recorder } from "./recorder.ts";
export { type Difference, Replay } from "./replay.ts";
