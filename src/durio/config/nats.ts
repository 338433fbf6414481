import * as v from "valibot";
import { type About, about, matching, path, whole, withScheme, wrong } from "./schema-parts.ts";

/** The port of a NATS server whose URL has none. */
export const NATS_PORT = 4222;

const allowed = wrong(
  'nats://HOST:PORT or tls://HOST:PORT, separated by commas, such as "nats://10.0.0.1:4222"',
  hidden,
);

/** URLs of NATS servers. Other characters than letters and digits in a user name or password are percent-encoded. */
const urls = v.pipe(
  v.string(allowed),
  v.transform((text) =>
    text
      .split(",")
      .map((url) => withScheme(url, "nats"))
      .join(),
  ),
  v.check((text) => text.split(",").every(isServer), allowed),
  v.check((text) => !text.includes("//***@"), "replace *** by the user name and password that it hides"),
  v.transform((text): readonly URL[] => text.split(",").map((url) => new URL(url))),
);

export const natsUrl: About<v.OptionalSchema<v.GenericSchema<string, readonly URL[]>, string>> = about(
  "URLs of NATS servers that form one NATS cluster",
  v.optional(urls, "nats://127.0.0.1:4222"),
);

const natsPrefix = about(
  "prefix of all NATS subjects",
  v.optional(
    matching('words of letters, digits, "_" and "-", separated by dots', /^[\w-]+(\.[\w-]+)*$/),
    "ruaft",
  ),
);

type File = About<v.OptionalSchema<v.GenericSchema<string>, undefined>>;

function file(text: string): File {
  return about(text, v.optional(path));
}

/** The settings for NATS. */
export const natsFields: {
  readonly natsUrl: typeof natsUrl;
  readonly natsPrefix: About<v.OptionalSchema<v.GenericSchema<string>, string>>;
  readonly natsPingIntervalMs: About<v.OptionalSchema<v.GenericSchema<number>, number>>;
  readonly natsTokenFile: File;
  readonly natsCredentialsFile: File;
  readonly natsTlsCaFile: File;
  readonly natsTlsCertFile: File;
  readonly natsTlsKeyFile: File;
} = {
  natsUrl,
  natsPrefix,
  natsPingIntervalMs: about(
    "interval of NATS pings in ms; the connection is closed after two missed pings",
    v.optional(whole(10, 60_000), 300),
  ),
  natsTokenFile: file("file with the NATS token"),
  natsCredentialsFile: file("file with the NATS credentials: a JWT and a seed"),
  natsTlsCaFile: file("file with the CA certificates of NATS, in PEM"),
  natsTlsCertFile: file("file with this replica's client certificate for NATS, in PEM"),
  natsTlsKeyFile: file("file with the key of that certificate, in PEM"),
};

/** Replaces user names, passwords and tokens in URLs by `***`. */
export function withoutSecrets(urls: string): string {
  return urls
    .split(",")
    .map((url) => url.replace(/:\/\/.*@/, "://***@"))
    .join();
}

/** Hides possible secrets in a text that is not a valid list of servers. */
function hidden(text: string): string {
  return text.replace(/^.*@/s, '"***@');
}

function isServer(text: string): boolean {
  if (!/^(?:nats|tls):\/\/[^\s/]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  return hostname !== "" && isDecodable(username) && isDecodable(password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
