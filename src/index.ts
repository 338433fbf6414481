/** Raft for TypeScript: the consensus core, the replica around it, and the ports that it stands on. */
export * from "./ports/index.ts";
export * from "./raft/index.ts";
export * from "./replica/index.ts";
