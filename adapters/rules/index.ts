export { assertBytesLimit, assertNewer } from "./arguments.ts";
export { CallOrder } from "./call-order.ts";
export { assertSameUid, uidFromHex, uidToHex } from "./cluster-uid.ts";
export { LogContents } from "./log-contents.ts";
export { LogOutline } from "./log-outline.ts";
