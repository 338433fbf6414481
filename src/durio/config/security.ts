import * as v from "valibot";
import { containsSecret } from "./hidden.ts";
import type { Address } from "./replica-config.ts";
import { type About, about, address, oneOf, path, yesOrNo } from "./schema-parts.ts";

type File = About<v.OptionalSchema<v.GenericSchema<string>, undefined>>;
type YesOrNo = About<v.OptionalSchema<v.GenericSchema<boolean>, boolean>>;
type OneOf<Name extends string> = About<v.OptionalSchema<v.GenericSchema<Name>, Name>>;

function file(text: string): File {
  return about(text, v.optional(path));
}

function whether(text: string): YesOrNo {
  return about(text, v.optional(yesOrNo, false));
}

const secretPath = v.pipe(
  path,
  v.check(
    (text) => !containsSecret(text),
    "the path of a file with the secret, not the secret itself: everyone on this machine can read a command line",
  ),
);

/** The settings of who may speak to a replica, and how. */
export const securityFields: {
  readonly secretFile: File;
  readonly insecure: YesOrNo;
  readonly anonymous: OneOf<"none" | "read" | "write">;
  readonly peerAuth: OneOf<"require" | "accept">;
  readonly peerEncryption: YesOrNo;
  readonly peerListen: About<v.OptionalSchema<v.GenericSchema<string, Address>, undefined>>;
  readonly tlsCertFile: File;
  readonly tlsKeyFile: File;
  readonly tlsCaFile: File;
} = {
  secretFile: about(
    "file with the cluster's secret, from durio secret new; only its owner may read it (default: DURIO_SECRET, or the credential secret of systemd)",
    v.optional(secretPath),
  ),
  insecure: whether("serve other machines without a secret: every host that can reach it can read and write"),
  anonymous: about(
    "access of clients without a token, if there is a secret: none, read, or write",
    v.optional(oneOf("none", "read", "write"), "none"),
  ),
  peerAuth: about(
    "messages of replicas without the secret: require refuses them, accept takes them while a cluster gets its secret",
    v.optional(oneOf("require", "accept"), "require"),
  ),
  peerEncryption: whether("encrypt the messages between replicas (AES-256-GCM), for NATS"),
  peerListen: about(
    "address to bind for the replicas' messages alone (default: the one of listen)",
    v.optional(address),
  ),
  tlsCertFile: file("file with this replica's certificate, in PEM: clients and replicas connect by https"),
  tlsKeyFile: file("file with the key of that certificate, in PEM"),
  tlsCaFile: file("file with the CA certificates that the replicas trust, in PEM (default: the system's)"),
};
