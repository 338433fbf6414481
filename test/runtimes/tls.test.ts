import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { runtimes } from "../../scripts/runtimes/matrix.ts";
import { issueCertificate, newAuthority } from "../../src/durio/cert/authority.ts";
import type { RuntimeName, TlsPair } from "../../src/runtime/index.ts";
import { askSecurely, HttpsLoad } from "./https-load.ts";
import { servedWithTls } from "./tls-server.ts";

let authority: TlsPair;
let pairs: readonly TlsPair[];
beforeAll(async () => {
  authority = await newAuthority();
  pairs = await Promise.all(Array.from({ length: 4 }, () => issueCertificate(authority, ["127.0.0.1"])));
});

interface Served {
  readonly url: string;
  /** Returns the reason if the pair was refused. */
  reload(pair: TlsPair): Promise<string>;
  stop(): Promise<unknown>;
}

/** A server of a runtime: in this process on Node, otherwise as a child. */
async function serveOn(runtime: RuntimeName, pair: TlsPair): Promise<Served> {
  if (runtime === "node") {
    const server = await servedWithTls(pair);
    const reload = (next: TlsPair): Promise<string> =>
      server.reload(next).then(
        () => "reloaded",
        (error: Error) => error.message,
      );
    return { url: server.url, reload, stop: () => server.stop() };
  }
  const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const script = [
    ...(runtime === "deno" ? ["run", "--allow-all"] : []),
    inProject("test/runtimes/tls-process.ts"),
  ];
  const child = spawn(inProject(`node_modules/.bin/${runtime}`), script, {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const ask = async (sent: TlsPair): Promise<string> => {
    child.stdin.write(`${JSON.stringify(sent)}\n`);
    return String((await once(lines, "line"))[0]);
  };
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await once(child, "exit");
  };
  return { url: await ask(pair), reload: ask, stop };
}

function pairAt(turn: number): TlsPair {
  const pair = pairs[turn % pairs.length];
  if (pair === undefined) throw new RangeError("pairs: at least one");
  return pair;
}

function fingerprintOf({ cert }: TlsPair): string {
  return new X509Certificate(cert).fingerprint256;
}

describe.each(runtimes)("on %s", (runtime) => {
  let served: Served;
  afterEach(() => served.stop());

  test("a server with a certificate serves https", async () => {
    served = await serveOn(runtime, pairAt(0));
    expect(served.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const answer = await askSecurely(served.url, { ca: authority.cert });
    expect(answer).toEqual({ status: 200, body: "OK", fingerprint: fingerprintOf(pairAt(0)) });
    await expect(fetch(served.url.replace("https", "http"))).rejects.toThrow();
  });

  test("under load, each new connection after a reload gets the new certificate, and no request fails", async () => {
    served = await serveOn(runtime, pairAt(0));
    const { url } = served;
    const ca = authority.cert;
    const load = new HttpsLoad(url, ca);
    for (let turn = 1; turn <= 10; turn++) {
      expect(await served.reload(pairAt(turn))).toBe("reloaded");
      const answer = await askSecurely(url, { ca });
      expect(answer.fingerprint).toBe(fingerprintOf(pairAt(turn)));
    }
    const { answered, refused, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(10);
    console.log(`${runtime}: ${answered} answered, ${refused} connections refused or closed in 10 reloads`);
    if (runtime !== "bun") expect(refused).toBe(0);
  });

  test("a request in flight during a reload is answered on its connection", async () => {
    served = await serveOn(runtime, pairAt(0));
    const { url } = served;
    const ca = authority.cert;
    const waiting = askSecurely(`${url}/wait`, { ca });
    // The server has accepted the request before a later one is answered.
    await askSecurely(url, { ca });
    await served.reload(pairAt(1));
    await served.reload(pairAt(2));
    await askSecurely(`${url}/release`, { ca });
    expect(await waiting).toMatchObject({ status: 200, fingerprint: fingerprintOf(pairAt(0)) });
  });

  test("a pair that does not fit is refused, and the old one stays", async () => {
    served = await serveOn(runtime, pairAt(0));
    const ca = authority.cert;
    const mixed = { cert: pairAt(1).cert, key: pairAt(2).key };
    expect(await served.reload(mixed)).toBe("the key does not belong to the certificate");
    expect(await served.reload({ ...mixed, key: "" })).toBe("the key can't be read: it must be text in PEM");
    expect(await served.reload({ ...mixed, cert: mixed.key })).toBe(
      "the certificate can't be read: it must be text in PEM",
    );
    expect((await askSecurely(served.url, { ca })).fingerprint).toBe(fingerprintOf(pairAt(0)));
  });
});
