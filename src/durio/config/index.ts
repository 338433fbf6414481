export { fileLayer } from "./config-file.ts";
export type { DurioConfig } from "./durio-config.ts";
export { type ConfigSchema, jsonSchemaOf } from "./json-schema.ts";
export { environmentLayer, flagsLayer, InvalidConfig, type Layer, type Resolved, resolve } from "./layers.ts";
export { withoutSecrets } from "./nats.ts";
export { nearest } from "./nearest.ts";
export type {
  Address,
  DevConfig,
  NatsConfig,
  PersisterName,
  Range,
  ReplicaConfig,
  TransportName,
} from "./replica-config.ts";
export { DEFAULT_PORT, devSchema, LOOPBACK, replicaSchema } from "./schema.ts";
export { configSchemaText } from "./schema-text.ts";
