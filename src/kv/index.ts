export {
  type Command,
  decodeCommand,
  encodeCommand,
  isAudit,
  isRegister,
  type RegisterCommand,
  type WriteCommand,
  writeBytes,
} from "./command.ts";
export { BrokenRule } from "./invariant.ts";
export {
  type KvReply,
  type KvRequest,
  type KvResult,
  kvLimits,
  type WriteTicket,
} from "./messages.ts";
export type { StoredValue } from "./page.ts";
export { checkRegistration, decodeName, encodeName } from "./registration.ts";
export {
  type Registration,
  type RegistryEntry,
  type RegistryEvent,
  registryLimits,
} from "./registry.ts";
export { MAX_CLOCK_STEP_MS } from "./sessions.ts";
export { type KvRestore, KvStore, type KvStoreLimits } from "./store.ts";
