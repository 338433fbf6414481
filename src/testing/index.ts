export * from "./abstract-raft/index.ts";
export type { ConformanceCase } from "./conformance.ts";
export * from "./exploration/index.ts";
export * from "./linearizability/index.ts";
export * from "./persister-conformance/index.ts";
export * from "./simulator/index.ts";
export * from "./transport-conformance/index.ts";
