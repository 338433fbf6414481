export {
  copyKinds,
  type Fault,
  type FaultKind,
  faultKinds,
  LEADER,
  OUTSIDE,
  type Plan,
  type PlannedOperation,
  type WorkClass,
} from "./plan.ts";
export { drawPlan, type Profile, type ProfileName, profiles } from "./swarm.ts";
