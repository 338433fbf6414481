export type { ConformanceCase } from "./conformance.ts";
export * from "./persister-conformance/index.ts";
export * from "./transport-conformance/index.ts";
