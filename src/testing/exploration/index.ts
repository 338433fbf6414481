/**
 * Exhaustive exploration of small clusters of real cores: all interleavings of events up to a depth.
 *
 * @module
 */
export { defaultBounds, type ExplorationBounds } from "./bounds.ts";
export { type DepthReport, type Exploration, type ExplorationOptions, explore } from "./explore.ts";
export type { CoreMaker, ExplorableCore } from "./replica-run.ts";
