/**
 * Generates the descriptions of the config from its schema: the interface `src/durio/config/durio-config.ts`, the page
 * `docs/config.md`, and `durio.schema.json`.
 */
import { writeFileSync } from "node:fs";
import { configSchemaText, jsonSchemaOf, replicaSchema } from "../src/durio/config/index.ts";

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
    "// Written by `npm run config:texts` from the schema, which also describes the flags. Do not edit.\n",
    "/** The config of one replica, as a config file holds it and a program passes it. Every setting is optional. */",
    `export interface DurioConfig {\n${properties.join("")}}\n`,
  ].join("\n");
}

/** Returns the page `docs/config.md`: one line per setting. */
export function configPageText(): string {
  const rows = Object.entries(jsonSchemaOf(replicaSchema).properties).map(([name, setting]) => {
    const { description = "", default: usual } = setting;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const text = sentences(description, usual === "" ? undefined : usual);
    return `| \`${name}\` | \`${flag}\` | ${text.replaceAll("|", "\\|")} |\n`;
  });
  return [
    "# The config of durio\n",
    "<!-- Written by `npm run config:texts` from the schema, which also describes the flags. Do not edit. -->\n",
    "Each setting is a field of `durio.json`, a flag, and an environment variable: `dataDir`, `--data-dir`, `DURIO_DATA_DIR`.",
    "Flags override the environment, which overrides the file. `durio config` prints what is in force and where it comes from.",
    "A program passes the same fields to `startDurio`.\n",
    "| field | flag | |",
    `| --- | --- | --- |\n${rows.join("")}`,
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
  return `  /**\n${wrapped(text).join("\n")}\n   */`;
}

/** Breaks a text into lines of a comment. */
function wrapped(text: string): string[] {
  const most = LINE - "   * ".length;
  if (text.length <= most) return [`   * ${text}`];
  const at = text.lastIndexOf(" ", most);
  return [`   * ${text.slice(0, at)}`, ...wrapped(text.slice(at + 1))];
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
  return type === "integer" ? "number" : type === "boolean" ? "boolean" : "string";
}

if (import.meta.main) {
  const write = (path: string, text: string) => writeFileSync(new URL(`../${path}`, import.meta.url), text);
  write("src/durio/config/durio-config.ts", durioConfigText());
  write("docs/config.md", configPageText());
  write("durio.schema.json", configSchemaText());
}
