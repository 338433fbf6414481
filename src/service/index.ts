export { type DurioAppOptions, durioApp } from "./app.ts";
export { type ProblemReason, problem } from "./problems.ts";
export type { PeerStatus, ReplicaInfo, ReplicaStatus } from "./status.ts";
