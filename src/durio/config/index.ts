export { fileLayer } from "./config-file.ts";
export { type ConfigSchema, describe } from "./description.ts";
export { environmentLayer, flagsLayer, type Layer, type Resolved, resolve, WrongSettings } from "./layers.ts";
export { withoutSecrets } from "./nats.ts";
export { nearest } from "./nearest.ts";
export { DEFAULT_PORT, devSchema, LOOPBACK, replicaSchema } from "./schema.ts";
export type {
  Address,
  DevSettings,
  DurioConfig,
  NatsSettings,
  PersisterName,
  Range,
  ReplicaSettings,
  TransportName,
} from "./settings.ts";
