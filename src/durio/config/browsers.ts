import * as v from "valibot";
import { type About, about, wrong } from "./schema-parts.ts";

type List = About<v.OptionalSchema<v.GenericSchema<string, readonly string[]>, string>>;

/** A list of names separated by commas. Default: none. */
function list(text: string, allowed: string, isOne: (text: string) => boolean): List {
  const message = wrong(allowed);
  const items = (given: string): string[] =>
    given
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  const schema = v.pipe(
    v.string(message),
    v.check((given) => items(given).every(isOne), message),
    v.transform((given): readonly string[] => items(given)),
  );
  return about(text, v.optional(schema, ""));
}

/** The settings for access from web pages. */
export const browserFields: { readonly allowHost: List; readonly allowOrigin: List } = {
  allowHost: list(
    "additional host names of this replica; localhost and the hosts in peers and listen are always allowed",
    'names or addresses without ports, separated by commas, such as "durio.home,10.0.0.5"',
    (host) => /^[\w.-]+$/.test(host) || (host.includes(":") && URL.canParse(`http://[${host}]`)),
  ),
  allowOrigin: list(
    "origins whose web pages may read and write; * allows all",
    'origins separated by commas, such as "https://app.example", or "*"',
    (origin) => origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin),
  ),
};
