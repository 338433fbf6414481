export type { Access } from "./access-routes.ts";
export { type DurioAppOptions, durioApp } from "./app.ts";
export {
  type AccessRecords,
  type AdminTokenFile,
  type Anonymous,
  accessRecords,
  encodeEvent,
  FirstAdmin,
  Guard,
  type Refusal,
  type RefusalReason,
  whyNoGrant,
} from "./auth/index.ts";
export { Bodies } from "./bodies/index.ts";
export { BrowserRules, type BrowserRulesOptions } from "./browser-rules.ts";
export { clientAddress } from "./client-address.ts";
export { type ProblemReason, problem } from "./problems.ts";
export type { RotationStart, RotationState, SecretRotation } from "./rotation-routes.ts";
export type { FailureStatus, PeerStatus, ReplicaInfo, ReplicaStatus, TlsStatus } from "./status.ts";
export { waitingFor } from "./waiting-for.ts";
