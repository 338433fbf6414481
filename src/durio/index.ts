/** durio to embed: a replica of the store with its HTTP service. The program is `main.ts`. */
export { type DurioConfig, type PersisterName, type TransportName, WrongSettings } from "./config/index.ts";
export { startDurio } from "./embedded.ts";
export type { Replica } from "./replica.ts";
export { version } from "./version.ts";
