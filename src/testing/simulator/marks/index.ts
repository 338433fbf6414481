export { type Mark, marks } from "./marks.ts";
export { markLeader, markStep, markTake } from "./step-marks.ts";
