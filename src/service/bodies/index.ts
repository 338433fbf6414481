export { Bodies, type BodiesOptions } from "./bodies.ts";
export { type BodyLimits, bodyLimits } from "./body-limits.ts";
