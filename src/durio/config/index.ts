export { fileLayer } from "./config-file.ts";
export type { DurioConfig } from "./durio-config.ts";
export { withoutClusterSecrets } from "./hidden.ts";
export { type ConfigSchema, jsonSchemaOf } from "./json-schema.ts";
export { environmentLayer, flagsLayer, InvalidConfig, type Layer, type Resolved, resolve } from "./layers.ts";
export { NATS_PORT, withoutSecrets } from "./nats.ts";
export { nearest } from "./nearest.ts";
export type {
  Address,
  DevConfig,
  NatsConfig,
  PersisterName,
  Range,
  ReplicaConfig,
  SecurityConfig,
  TransportName,
} from "./replica-config.ts";
export { devSchema, replicaSchema } from "./schema.ts";
export { DEFAULT_PORT, LOOPBACK } from "./schema-parts.ts";
export { configSchemaText } from "./schema-text.ts";
