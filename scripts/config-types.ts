/** Writes `src/durio/config/durio-config.ts` from the schema of the config, so that the two cannot disagree. */
import { writeFileSync } from "node:fs";
import { jsonSchemaOf, replicaSchema } from "../src/durio/config/index.ts";

/** The longest line that the formatter leaves alone. */
const LINE = 110;

/** Returns the source text of the interface `DurioConfig`: one documented property a setting. */
export function durioConfigText(): string {
  const properties = Object.entries(jsonSchemaOf(replicaSchema).properties).map(([name, setting]) => {
    const { description = "", default: usual } = setting;
    const text = sentences(description, usual === "" ? undefined : usual);
    return `${comment(text)}\n  readonly ${name}?: ${typeOf(setting)} | undefined;\n`;
  });
  return [
    "// Written by `npm run config:types` from the schema, which also describes the flags. Do not edit.\n",
    "/** The config of one replica, as a config file holds it and a program passes it. All settings are optional. */",
    `export interface DurioConfig {\n${properties.join("")}}\n`,
  ].join("\n");
}

/** `size of it (default: ID)` becomes `Size of it. Default: ID.` */
function sentences(description: string, usual: unknown): string {
  const [, text = "", said] = /^(.*?)(?: \(default: ([^()]*)\))?$/.exec(description) ?? [];
  const ending = usual === undefined ? said : `\`${usual}\``;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.${ending === undefined ? "" : ` Default: ${ending}.`}`;
}

function comment(text: string): string {
  const line = `  /** ${text} */`;
  if (line.length <= LINE) return line;
  const at = text.lastIndexOf(" ", LINE - "   * ".length);
  return `  /**\n   * ${text.slice(0, at)}\n   * ${text.slice(at + 1)}\n   */`;
}

function typeOf({
  type,
  enum: names,
}: {
  readonly type?: string;
  readonly enum?: readonly unknown[];
}): string {
  if (names !== undefined) return names.map((name) => JSON.stringify(name)).join(" | ");
  if (type === "object") return "Readonly<Record<string, string>>";
  return type === "integer" ? "number" : "string";
}

if (import.meta.main) {
  writeFileSync(new URL("../src/durio/config/durio-config.ts", import.meta.url), durioConfigText());
}
