import { homedir } from "node:os";
import * as v from "valibot";
import type { Address } from "./replica-config.ts";

/** The parts that the schemas of settings share. Messages say what is allowed and what the value was. */

export const DEFAULT_PORT = 9006;
export const LOOPBACK = "127.0.0.1";

type Message = (issue: { readonly input: unknown }) => string;

/** A schema with a description. */
export type About<Schema extends v.GenericSchema> = v.SchemaWithPipe<
  readonly [Schema, v.DescriptionAction<v.InferOutput<Schema>, string>]
>;

/** A path. Expands `~`, because shells leave it alone in `--data-dir=~/x` and files contain it. */
export const path: v.GenericSchema<string> = v.pipe(
  matching("a path", /^.+$/),
  v.transform((text) => text.replace(/^~(?=\/|$)/, homedir())),
);

/** Adds the scheme to a URL without one. */
export function withScheme(url: string, scheme: string): string {
  return url.includes("://") ? url : `${scheme}://${url}`;
}

export function about<const Schema extends v.GenericSchema>(text: string, schema: Schema): About<Schema> {
  return v.pipe(schema, v.description(text));
}

export function matching(allowed: string, pattern: RegExp): v.GenericSchema<string> {
  const message = wrong(allowed);
  return v.pipe(v.string(message), v.regex(pattern, message));
}

export function oneOf<const Name extends string>(...names: readonly Name[]): v.GenericSchema<Name> {
  return v.picklist(names, wrong(names.join(", ").replace(/, ([^,]*)$/, " or $1")));
}

export function whole(min: number, max: number): v.GenericSchema<number> {
  const message = wrong(`a whole number from ${min} to ${max}`);
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

/** @param shown hides the secret parts of the value, given as JSON. Default: shows all of it */
export function wrong(allowed: string, shown: (text: string) => string = (text) => text): Message {
  return ({ input }) => `${allowed}, not ${shown(JSON.stringify(input))}`;
}

export const yesOrNo: v.GenericSchema<boolean> = v.boolean(wrong("true or false"));

const addressAllowed = wrong(
  'HOST:PORT, HOST, PORT, or :PORT for all addresses of this machine, such as "127.0.0.1:9006" or "[::1]:9006"',
);
/** Port 0 means any free port. */
export const address: v.GenericSchema<string, Address> = v.pipe(
  v.string(addressAllowed),
  v.check((text) => addressIn(text) !== undefined, addressAllowed),
  v.transform((text): Address => addressIn(text) ?? { hostname: LOOPBACK, port: DEFAULT_PORT }),
);
/** Parses an address. Returns undefined if the text is not an address. */
function addressIn(text: string): Address | undefined {
  if (/^\d+$/.test(text)) return addressIn(`${LOOPBACK}:${text}`);
  if (/^:\d+$/.test(text)) return addressIn(`0.0.0.0${text}`);
  const [, bracketed, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const hostname = bracketed ?? name;
  const port = Number(digits ?? DEFAULT_PORT);
  return hostname === undefined || port > 65_535 ? undefined : { hostname, port };
}
