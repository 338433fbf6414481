import { configSchemaText, type ReplicaConfig, type Resolved } from "./config/index.ts";
import { printableConfig } from "./read-config.ts";

/** Prints the effective settings, and the source of each. */
export function printConfig(resolved: Resolved<ReplicaConfig>): void {
  const rows = Object.entries(printableConfig(resolved)).map(([setting, value]) => {
    const from = resolved.given[setting]?.from.replace(/: .*/, "");
    return [setting, typeof value === "string" ? value : JSON.stringify(value), from ?? "default"] as const;
  });
  const width = (column: 0 | 1) => rows.reduce((longest, row) => Math.max(longest, row[column].length), 0);
  for (const [setting, value, from] of rows) {
    console.log(`${setting.padEnd(width(0))}  ${value.padEnd(width(1))}  ${from}`);
  }
}

/** Prints the effective settings as a config file. */
export function printConfigFile(resolved: Resolved<ReplicaConfig>): void {
  console.log(JSON.stringify(printableConfig(resolved), undefined, 2));
}

/** Prints the JSON Schema of config files, for editors. */
export function printConfigSchema(): void {
  console.log(configSchemaText());
}
