/**
 * A specification of Raft to compare with: feed an `AbstractRaft` with the events of the tracers of all replicas of a
 * cluster (`Tracer` of `ruaft/ports`).
 *
 * @module
 */
export { AbstractRaft, type AbstractRaftOptions } from "./abstract-raft.ts";
export { DisallowedStep, type RuleName, rules } from "./rules.ts";
