import { jsonSchemaOf } from "./json-schema.ts";
import { replicaSchema } from "./schema.ts";

/** Returns the JSON Schema of config files, as `durio.schema.json` has it. */
export function configSchemaText(): string {
  const { $schema, properties, ...rest } = jsonSchemaOf(replicaSchema);
  const own = { type: "string", description: "location of this schema, for editors" };
  return JSON.stringify(
    { $schema, title: "durio.json", ...rest, properties: { $schema: own, ...properties } },
    undefined,
    2,
  );
}
