/** durio to embed: a replica of the store with its HTTP service. The program is `main.ts`. */
export { type DurioConfig, WrongSettings } from "./config/index.ts";
export { startDurio } from "./embedded.ts";
export {
  type PersisterName,
  type Replica,
  type ReplicaOptions,
  startReplica,
  type TransportName,
} from "./replica.ts";
export { version } from "./version.ts";
