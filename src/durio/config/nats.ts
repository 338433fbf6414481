import * as v from "valibot";
import { type About, about, matching, path, whole, withScheme, wrong } from "./values.ts";

const allowed = wrong(
  'nats://HOST:PORT or tls://HOST:PORT, several with commas between them, such as "nats://10.0.0.1:4222"',
  hidden,
);

/** Servers of NATS. What a name or a password holds besides letters and digits is percent-encoded. */
const urls = v.pipe(
  v.string(allowed),
  v.transform((text) =>
    text
      .split(",")
      .map((url) => withScheme(url, "nats"))
      .join(),
  ),
  v.check((text) => text.split(",").every(isServer), allowed),
  v.check((text) => !text.includes("//***@"), "the name and the password in place of ***, which hides them"),
  v.transform((text): readonly URL[] => text.split(",").map((url) => new URL(url))),
);

export const natsUrl: About<v.OptionalSchema<v.GenericSchema<string, readonly URL[]>, string>> = about(
  "the servers of NATS, any of one cluster of it",
  v.optional(urls, "nats://127.0.0.1:4222"),
);

const natsPrefix = about(
  "the first words of all subjects of NATS",
  v.optional(
    matching('words of letters, digits, "_" and "-" with dots between them', /^[\w-]+(\.[\w-]+)*$/),
    "ruaft",
  ),
);

type File = About<v.OptionalSchema<v.GenericSchema<string>, undefined>>;

function file(text: string): File {
  return about(text, v.optional(path));
}

/** How to reach NATS if it carries the messages. */
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
    "how often NATS is asked whether it is there, in ms; twice without an answer, and it is not",
    v.optional(whole(10, 60_000), 300),
  ),
  natsTokenFile: file("a file with the token that NATS asks for"),
  natsCredentialsFile: file("a file with the credentials that NATS asks for"),
  natsTlsCaFile: file("the certificates, in PEM, that vouch for NATS"),
  natsTlsCertFile: file("the certificate of this replica, in PEM"),
  natsTlsKeyFile: file("the key of that certificate, in PEM"),
};

/** Servers of NATS as they may be shown: who logs in there, and how, is hidden. */
export function withoutSecrets(urls: string): string {
  return urls
    .split(",")
    .map((url) => url.replace(/:\/\/.*@/, "://***@"))
    .join();
}

/** Of what is no list of servers, whatever may be secret is hidden. */
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
