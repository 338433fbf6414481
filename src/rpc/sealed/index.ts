export {
  encodeSealHead,
  HEAD_BYTES,
  joinSealed,
  SEAL_BYTES,
  type SealedFrame,
  type SealedKind,
  type SealHead,
  splitSealed,
} from "./frame.ts";
export { refusedUnread, type SealedCaller } from "./sealed-caller.ts";
export type { SealRefusal } from "./sealed-receiver.ts";
export { type RefusedMessage, Sealing, type SealOptions } from "./sealing.ts";
