export type { ConformanceCase } from "./conformance.ts";
export * from "./persister-conformance/index.ts";
