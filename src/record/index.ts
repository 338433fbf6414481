export { DamagedRecord, RecordReader } from "./encoding.ts";
export { type Outline, RECORD_VERSION, type RecordedInput, type RecordItem } from "./record-item.ts";
export { Recorder } from "./recorder.ts";
export { type Difference, Replay } from "./replay.ts";
