/** Feed an `AbstractRaft` with what the tracers of all replicas of a cluster hear (`Tracer` in src/ports). */
export { AbstractRaft, type AbstractRaftOptions } from "./abstract-raft.ts";
export { DisallowedStep, type RuleName, rules } from "./rules.ts";
