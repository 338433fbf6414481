export { assertBytesLimit, assertNewer } from "./arguments.ts";
export { CallQueue } from "./call-queue.ts";
export { assertSameUid, uidFromHex, uidToHex } from "./cluster-uid.ts";
export { LogContents } from "./log-contents.ts";
export { TermRuns } from "./term-runs.ts";
