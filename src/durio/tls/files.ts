import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { checkPair, type TlsPair } from "../../runtime/index.ts";
import { InvalidConfig } from "../config/index.ts";
import { messageOf } from "../failure.ts";

/** The files of a replica's certificate and its key. */
export interface PairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Reads a certificate and its key.
 *
 * @throws InvalidConfig if they can't be read or don't fit
 */
export function readPair({ certFile, keyFile }: PairFiles): TlsPair {
  const pair = { cert: read("tlsCertFile", certFile), key: read("tlsKeyFile", keyFile) };
  try {
    checkPair(pair);
  } catch (error) {
    throw new InvalidConfig([`${certFile} with ${keyFile}: ${messageOf(error)}`]);
  }
  return pair;
}

/**
 * Reads the certificates of CAs.
 *
 * @throws InvalidConfig if they can't be read
 */
export function readAuthorities(file: string): string {
  const text = read("tlsCaFile", file);
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (certificates.length === 0) throw new RangeError("none found");
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    throw new InvalidConfig([`tlsCaFile: ${file} must contain certificates in PEM`]);
  }
  return text;
}

function read(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InvalidConfig([`${setting}: can't be read: ${messageOf(error)}`]);
  }
}
