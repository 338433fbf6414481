import { nkeys } from "nats";

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A server that trusts an operator, and the credentials file of one of its users. */
export interface OperatorMode {
  /** Of the server. */
  readonly config: string;
  /** The user's JWT and seed, as written by `nsc`. */
  readonly credentials: string;
}

/** An invented operator, with one account and one user: https://docs.nats.io, "JWTs". */
export function operatorMode(): OperatorMode {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const accountLimits = { ...unlimited, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
  const operatorJwt = jwt(operator, operator, { type: "operator" });
  const accountJwt = jwt(operator, account, { type: "account", limits: accountLimits });
  const userJwt = jwt(account, user, { type: "user", ...unlimited });
  return {
    config: `
      operator: ${operatorJwt}
      resolver: MEMORY
      resolver_preload: { ${account.getPublicKey()}: ${accountJwt} }`,
    credentials: [
      "-----BEGIN NATS USER JWT-----",
      userJwt,
      "------END NATS USER JWT------",
      "",
      "-----BEGIN USER NKEY SEED-----",
      new TextDecoder().decode(user.getSeed()),
      "------END USER NKEY SEED------",
      "",
    ].join("\n"),
  };
}

function jwt(issuer: KeyPair, subject: KeyPair, claims: Readonly<Record<string, unknown>>): string {
  const header = encode({ typ: "JWT", alg: "ed25519-nkey" });
  const body = encode({
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: claims.type,
    nats: { ...claims, version: 2 },
  });
  const signature = issuer.sign(new TextEncoder().encode(`${header}.${body}`));
  return `${header}.${body}.${Buffer.from(signature).toString("base64url")}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
