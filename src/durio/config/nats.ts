import * as v from "valibot";
import { type About, about, matching, path, whole } from "./values.ts";

const pattern = /^(?:nats|tls):\/\/[^\s,/]+(?:,(?:nats|tls):\/\/[^\s,/]+)*$/;
const allowed =
  'nats://HOST:PORT or tls://HOST:PORT, several with commas between them, such as "nats://10.0.0.1:4222"';

/** Servers of NATS. */
const urls = v.pipe(
  matching(allowed, pattern, withoutSecrets),
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

/** How to reach NATS, where it carries the messages. */
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

/** Whatever stands between `//` and `@` is nobody's business but the server's. */
export function withoutSecrets(url: string): string {
  return url.replace(/(:\/\/)[^@,/]*@/g, "$1***@");
}
