import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";

/** A setting in JSON Schema's terms. */
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

/** Returns the JSON Schema of a schema's input, without the checks that JSON Schema cannot express. */
export function jsonSchemaOf(schema: v.GenericSchema): ConfigSchema {
  const {
    $schema = "",
    properties = {},
    ...rest
  } = toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" });
  // `true` and `false` are schemas too, for anything and nothing; neither occurs here.
  return { $schema, ...rest, properties: properties as ConfigSchema["properties"] };
}
