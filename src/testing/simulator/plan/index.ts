export { type Fault, type FaultKind, faultKinds, LEADER, type Plan, type PlannedOperation } from "./plan.ts";
export { drawPlan, type Profile, type ProfileName, profiles } from "./swarm.ts";
