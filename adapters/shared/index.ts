export { assertBytesLimit, assertNewer } from "./arguments.ts";
export { CallQueue } from "./call-queue.ts";
export { assertSameUid, uidToHex } from "./cluster-uid.ts";
export { codeOfType, typeOfCode } from "./entry-types.ts";
export { fromHex, toHex } from "./hex.ts";
export { LogContents } from "./log-contents.ts";
export { TermRuns } from "./term-runs.ts";
