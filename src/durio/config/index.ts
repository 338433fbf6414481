export { fileLayer } from "./config-file.ts";
export { type ConfigSchema, describe } from "./description.ts";
export { environmentLayer, flagsLayer, type Layer, type Resolved, resolve, WrongSettings } from "./layers.ts";
export { devSchema, replicaSchema } from "./schema.ts";
export type { Address, DevSettings, DurioConfig, Range, ReplicaSettings } from "./settings.ts";
