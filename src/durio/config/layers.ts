import * as v from "valibot";
import { isReplicaId } from "../../raft/index.ts";
import { describe } from "./description.ts";
import { nearest } from "./nearest.ts";

/** Settings from one place. */
export interface Layer {
  /** What a setting is called there, such as `--data-dir`, `DURIO_DATA_DIR` or `durio.json: dataDir`. */
  readonly nameOf: (setting: string) => string;
  /** As they stand there. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether there is nothing but text there. */
  readonly isText?: boolean;
  /** Whether others put values there too, so that a name that is no setting is passed over with a warning. */
  readonly isShared?: boolean;
}

/** Settings that can't be used, one line for each: where it stands, what is allowed, and what it is. */
export class WrongSettings extends Error {
  override readonly name = "WrongSettings";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Settings that were found right, and where each of them came from. */
export interface Resolved<Settings> {
  readonly settings: Settings;
  /** What was passed over, a sentence each. */
  readonly warnings: readonly string[];
  /** What a setting is called where it came from; the flag that gives it if it is the default. */
  readonly nameOf: (setting: string) => string;
  /** The layer's value, before it was understood; absent for a default. */
  readonly given: Readonly<Record<string, { readonly value: unknown; readonly from: string }>>;
}

/** The flags of the command line; commander has their names in camel case. */
export function flagsLayer(flags: Readonly<Record<string, unknown>>): Layer {
  return { nameOf: flagOf, values: flags, isText: true };
}

const prefix = "DURIO_";

/** What Kubernetes sets in every container beside a Service that is called durio. */
const ofKubernetes = /^DURIO_(?:SERVICE_(?:HOST|PORT)|PORT(?:_|$))/;

/** The variables `DURIO_*` of the environment. */
export function environmentLayer(environment: Readonly<Record<string, string | undefined>>): Layer {
  const own = Object.entries(environment).filter(
    ([name, text]) => name.startsWith(prefix) && text !== undefined && !ofKubernetes.test(name),
  );
  const values = Object.fromEntries(own.map(([name, text]) => [settingOf(name), text]));
  return { nameOf: variableOf, values, isText: true, isShared: true };
}

/**
 * Puts layers over each other and reads the whole.
 *
 * @param layers the first ones win
 * @throws WrongSettings with all that is wrong
 */
export function resolve<Settings>(
  schema: v.GenericSchema<unknown, Settings>,
  layers: readonly Layer[],
): Resolved<Settings> {
  const values: Record<string, unknown> = {};
  const given: Record<string, { value: unknown; from: string }> = {};
  const { properties } = describe(schema);
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
  if (parsed.success && problems.length === 0) return { settings: parsed.output, warnings, nameOf, given };
  for (const issue of parsed.issues ?? []) {
    const [setting = ""] = v.getDotPath(issue)?.split(".") ?? [];
    problems.push(`${nameOf(setting)}: ${issue.message}`);
  }
  throw new WrongSettings(problems);
}

function noSuchSetting(
  setting: string,
  names: readonly string[],
  nameOf: (setting: string) => string,
): string {
  const meant = nearest(setting, names);
  return `there is no such setting${meant === undefined ? "" : `; did you mean ${nameOf(meant)}?`}`;
}

/** Parses the text of a setting; returns the text itself if it is not of the setting's type. */
function understood(text: unknown, type: string | undefined): unknown {
  if (typeof text !== "string") return text;
  if (type === "object") return peersOf(text) ?? text;
  return type === "integer" && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** `n1=http://a,n2=http://b`; undefined if it is no such list, or names one twice. */
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
