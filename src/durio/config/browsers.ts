import * as v from "valibot";
import { type About, about, wrong } from "./values.ts";

type List = About<v.OptionalSchema<v.GenericSchema<string, readonly string[]>, string>>;

/** Names with commas between them. Default: none. */
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

/** Who may reach a replica from a web page. */
export const browserFields: { readonly allowHost: List; readonly allowOrigin: List } = {
  allowHost: list(
    "names that clients reach this replica by, besides localhost and those of peers and listen",
    'names or addresses without ports, with commas between them, such as "durio.home,10.0.0.5"',
    (host) => /^[\w.-]+$/.test(host) || (host.includes(":") && URL.canParse(`http://[${host}]`)),
  ),
  allowOrigin: list(
    "origins whose web pages may read and write, or * for all",
    'origins with commas between them, such as "https://app.example", or "*"',
    (origin) => origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin),
  ),
};
