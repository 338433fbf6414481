/**
 * durio as a library: a replica of the store with its HTTP service. The program is `main.ts`.
 *
 * @module
 */
export { type DurioConfig, InvalidConfig, type PersisterName, type TransportName } from "./config/index.ts";
export { startDurio } from "./embedded.ts";
export type { Replica } from "./replica.ts";
export { version } from "./version.ts";
