import { describe, type ReplicaSettings, type Resolved, replicaSchema } from "./config/index.ts";
import { effectiveConfig } from "./options.ts";

/** Prints the settings that are in force, and where each comes from. */
export function printConfig(resolved: Resolved<ReplicaSettings>): void {
  const rows = Object.entries(effectiveConfig(resolved)).map(([setting, value]) => {
    const from = resolved.given[setting]?.from.replace(/: .*/, "");
    return [setting, typeof value === "string" ? value : JSON.stringify(value), from ?? "default"] as const;
  });
  const width = (column: 0 | 1) => rows.reduce((longest, row) => Math.max(longest, row[column].length), 0);
  for (const [setting, value, from] of rows) {
    console.log(`${setting.padEnd(width(0))}  ${value.padEnd(width(1))}  ${from}`);
  }
}

/** Prints the settings that are in force as a config file. */
export function printConfigFile(resolved: Resolved<ReplicaSettings>): void {
  console.log(JSON.stringify(effectiveConfig(resolved), undefined, 2));
}

/** Prints the JSON Schema of config files, for editors. */
export function printConfigSchema(): void {
  console.log(configSchemaText());
}

export function configSchemaText(): string {
  const { $schema, properties, ...rest } = describe(replicaSchema);
  const own = { type: "string", description: "where this schema is, for editors" };
  return JSON.stringify(
    { $schema, title: "durio.json", ...rest, properties: { $schema: own, ...properties } },
    undefined,
    2,
  );
}
