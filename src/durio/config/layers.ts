import * as v from "valibot";
import { isReplicaId } from "../../raft/index.ts";
import { withoutClusterSecrets } from "./hidden.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { nearest } from "./nearest.ts";

/** Settings from one source. */
export interface Layer {
  /** Returns the name of a setting in this source, such as `--data-dir`, `DURIO_DATA_DIR` or `durio.json: dataDir`. */
  readonly nameOf: (setting: string) => string;
  /** The values as given. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether all values are text. */
  readonly isText?: boolean;
  /** Whether other programs use this source too. Then an unknown name is a warning, not an error. */
  readonly isShared?: boolean;
}

/** Invalid settings, one line each: the name, what is allowed, and the value. */
export class InvalidConfig extends Error {
  override readonly name = "InvalidConfig";
  /** One line each: the setting, what is allowed, and what it was. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const shown = problems.map(withoutClusterSecrets);
    super(shown.join("\n"));
    this.problems = shown;
  }
}

/** A valid config, and the source of each setting. */
export interface Resolved<Config> {
  readonly config: Config;
  /** The ignored settings, one sentence each. */
  readonly warnings: readonly string[];
  /** Returns the name of a setting in its source, or its flag if it has the default value. */
  readonly nameOf: (setting: string) => string;
  /** The values before parsing, by setting. Absent for defaults. */
  readonly given: Readonly<Record<string, { readonly value: unknown; readonly from: string }>>;
}

/** Creates a layer from the flags of the command line, which commander names in camel case. */
export function flagsLayer(flags: Readonly<Record<string, unknown>>): Layer {
  return { nameOf: flagOf, values: flags, isText: true };
}

const prefix = "DURIO_";

/** Variables that are read elsewhere. */
const elsewhere: readonly string[] = [
  "DURIO_CONFIG",
  "DURIO_SECRET",
  "DURIO_URL",
  "DURIO_TOKEN",
  "DURIO_TOKEN_FILE",
];

/** Variables that Kubernetes sets in every container next to a Service named durio. */
const ofKubernetes = /^DURIO_(?:SERVICE_(?:HOST|PORT)|PORT(?:_|$))/;

/** Creates a layer from the environment variables `DURIO_*`. */
export function environmentLayer(environment: Readonly<Record<string, string | undefined>>): Layer {
  const own = Object.entries(environment).filter(
    ([name, text]) =>
      name.startsWith(prefix) && text !== undefined && !ofKubernetes.test(name) && !elsewhere.includes(name),
  );
  const values = Object.fromEntries(own.map(([name, text]) => [settingOf(name), text]));
  return { nameOf: variableOf, values, isText: true, isShared: true };
}

/**
 * Merges layers and validates the result.
 *
 * @param layers the first layer overrides the others
 * @throws InvalidConfig with all problems
 */
export function resolve<Config>(
  schema: v.GenericSchema<unknown, Config>,
  layers: readonly Layer[],
): Resolved<Config> {
  const values: Record<string, unknown> = {};
  const given: Record<string, { value: unknown; from: string }> = {};
  const { properties } = jsonSchemaOf(schema);
  const names = Object.keys(properties);
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const { values: own, nameOf, isText, isShared } of layers.toReversed()) {
    for (const [setting, value] of Object.entries(own)) {
      if (value === undefined) continue;
      if (!names.includes(setting)) {
        (isShared ? warnings : problems).push(`${nameOf(setting)}: ${noSuchSetting(setting, names, nameOf)}`);
        continue;
      }
      values[setting] = isText ? understood(value, properties[setting]?.type) : value;
      given[setting] = { value, from: nameOf(setting) };
    }
  }
  const nameOf = (setting: string) => given[setting]?.from ?? flagOf(setting);
  const parsed = v.safeParse(schema, values, { abortPipeEarly: true });
  if (parsed.success && problems.length === 0) return { config: parsed.output, warnings, nameOf, given };
  for (const issue of parsed.issues ?? []) {
    const [setting = ""] = v.getDotPath(issue)?.split(".") ?? [];
    problems.push(`${nameOf(setting)}: ${issue.message}`);
  }
  throw new InvalidConfig(problems);
}

function noSuchSetting(
  setting: string,
  names: readonly string[],
  nameOf: (setting: string) => string,
): string {
  const meant = nearest(setting, names);
  return `unknown setting${meant === undefined ? "" : `; did you mean ${nameOf(meant)}?`}`;
}

/** Parses the text of a setting. Returns the text itself if it does not match the setting's type. */
function understood(text: unknown, type: string | undefined): unknown {
  if (typeof text !== "string") return text;
  if (type === "object") return peersOf(text) ?? text;
  if (type === "boolean" && /^(?:true|false)$/.test(text)) return text === "true";
  return type === "integer" && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Parses `n1=http://a,n2=http://b`. Returns undefined if it is no such list or repeats an id. */
function peersOf(text: string): Record<string, string> | undefined {
  const peers: Record<string, string> = {};
  const items = text.split(",");
  for (const item of items) {
    const [, id, url] = /^([^=]+)=(.+)$/.exec(item.trim()) ?? [];
    if (id === undefined || url === undefined || !isReplicaId(id)) return undefined;
    peers[id] = url;
  }
  return Object.keys(peers).length === items.length ? peers : undefined;
}

function flagOf(setting: string): string {
  return `--${words(setting).join("-")}`;
}

function variableOf(setting: string): string {
  return prefix + words(setting).join("_").toUpperCase();
}

function settingOf(variable: string): string {
  const name = variable.slice(prefix.length).toLowerCase();
  return name.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase());
}

function words(setting: string): string[] {
  return setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).split("-");
}
