import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";

/** What a setting is, in JSON Schema's terms. */
export interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

export interface ConfigSchema {
  readonly $schema: string;
  readonly properties: Readonly<Record<string, Described>>;
}

/** The JSON Schema of what a schema takes in. Checks that it has no words for are left out. */
export function describe(schema: v.GenericSchema): ConfigSchema {
  const {
    $schema = "",
    properties = {},
    ...rest
  } = toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" });
  // A schema is `true` or `false` only if anything or nothing is allowed.
  return { $schema, ...rest, properties: properties as ConfigSchema["properties"] };
}
