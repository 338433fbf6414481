import { createPrivateKey, X509Certificate } from "node:crypto";

/** A server's certificate, followed by the ones that lead to its CA, and its private key. Both in PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Checks that a certificate and a key can be read and belong together. Needed because Deno's server takes any text, and
 * then fails at each handshake.
 *
 * @throws RangeError that says what does not fit
 */
export function checkPair({ cert, key }: TlsPair): void {
  const certificate = read("the certificate", () => new X509Certificate(cert));
  const privateKey = read("the key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new RangeError("the key does not belong to the certificate");
  }
}

function read<Parsed>(name: string, parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (error) {
    throw new RangeError(`${name} can't be read: it must be text in PEM`, { cause: error });
  }
}
