export { type AccessRecords, accessRecords } from "./access-records.ts";
export type { Anonymous, Caller, Need } from "./caller.ts";
export { type AdminTokenFile, FirstAdmin, type FirstAdminOptions } from "./first-admin.ts";
export { Guard, type GuardOptions } from "./guard.ts";
export { type Guarded, type GuardedHandler, guarded } from "./guarded.ts";
export type { Refusal, RefusalReason } from "./refusal.ts";
export { whyNoGrant } from "./scopes.ts";
export { createToken, revokeToken, showEvents, showTokens, tokensPath } from "./token-routes.ts";
export { Tokens } from "./tokens.ts";
