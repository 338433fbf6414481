/**
 * An exact linearizability checker: histories of operations, models of what they do, and a page that shows a verdict.
 *
 * @module
 */
export {
  type CheckOptions,
  checkLinearizability,
  DEFAULT_BUDGET,
  type LinearizabilityResult,
  type PartitionResult,
  type Verdict,
} from "./check.ts";
export type { Model, Reduced } from "./model.ts";
export { type KeyValueInput, type KeyValueOutput, keyValueModel } from "./models/key-value.ts";
export { type RegisterInput, type RegisterOutput, registerModel } from "./models/register.ts";
export type { Versioned } from "./models/revision.ts";
export { type RevisionedModel, revisionedKeyValueModel } from "./models/revisioned-key-value.ts";
export type { RevisionedInput, RevisionedOutput } from "./models/revisioned-operations.ts";
export { modelOf, type Specification } from "./models/state-machine.ts";
export type { Operation } from "./operation.ts";
export { HistoryFormatError } from "./readers/format-error.ts";
export { readJepsenLog } from "./readers/jepsen-log.ts";
export { readKeyValueLog } from "./readers/key-value-log.ts";
export { type RecordedHistory, readRecordedHistory } from "./readers/recorded-history.ts";
export { renderTimeline, type TimelineOptions } from "./timeline/page.ts";
