import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import { checkPair, type TlsPair } from "../../runtime/index.ts";
import { validity } from "./calendar.ts";

/** Certificates are valid from this long ago: a machine without a clock must not refuse its own cluster. */
const backdatedDays = 3650;
const authorityDays = 3650;
/** Time for which a certificate of a server is valid. */
const serverDays = 400;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";
/** Longest common name, in characters. */
const longestCommonName = 64;

/** The library for certificates. Loaded on demand, because only `durio cert` needs it. */
async function library(): Promise<typeof import("@peculiar/x509")> {
  // The library requires it to be loaded first.
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** Creates a CA for one cluster: a certificate that signs others for ten years, and its key. */
export async function newAuthority(): Promise<TlsPair> {
  const x509 = await library();
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // Random, so that a file with the certificates of two CAs is unambiguous.
    name: `CN=durio CA ${randomHex(4)}`,
    ...validity(backdatedDays, authorityDays),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: withNewline(certificate.toString("pem")), key: await pemOf(keys.privateKey) };
}

/**
 * Issues a certificate for a server, with a new key.
 *
 * @param authority a CA as {@link newAuthority} creates it
 * @param names the names and addresses that the certificate is valid for; at least one
 * @param days time for which it is valid. Default: 400
 * @throws RangeError if the CA can't be used
 */
export async function issueCertificate(
  authority: TlsPair,
  names: readonly [string, ...string[]],
  days: number = serverDays,
): Promise<TlsPair> {
  checkPair(authority);
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [names[0].slice(0, longestCommonName)] }],
    issuer: issuer.subjectName,
    ...validity(backdatedDays, days),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: withNewline(certificate.toString("pem")), key: await pemOf(keys.privateKey) };
}

function serialNumber(): string {
  // A serial number is positive, so its first bit is 0.
  return `1${randomHex(16).slice(1)}`;
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}

/** @throws RangeError if it is another kind of key */
async function signingKey(pem: string): Promise<CryptoKey> {
  const key = createPrivateKey(pem);
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== "ec" || namedCurve !== "prime256v1") {
    throw new RangeError(
      "the key of the CA must be an ECDSA key on the curve P-256, as durio cert ca makes it",
    );
  }
  const der = key.export({ type: "pkcs8", format: "der" });
  return crypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, false, ["sign"]);
}

async function pemOf(key: CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", key);
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

function withNewline(text: string): string {
  return `${text.trimEnd()}\n`;
}
