/** Feed an `AbstractRaft` with the events of the tracers of all replicas of a cluster (`Tracer` in src/ports). */
export { AbstractRaft, type AbstractRaftOptions } from "./abstract-raft.ts";
export { DisallowedStep, type RuleName, rules } from "./rules.ts";
