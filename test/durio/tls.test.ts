import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runtimes } from "../../scripts/runtimes/matrix.ts";
import { issueCertificate } from "../../src/durio/cert/authority.ts";
import { readAuthority } from "../../src/durio/cert/files.ts";
import type { RuntimeName } from "../../src/runtime/index.ts";
import { askSecurely, HttpsLoad } from "../runtimes/https-load.ts";
import { type Durio, eventually, freePorts, Workshop } from "./processes.ts";

let workshop: Workshop;
let ports: number[];
beforeEach(async () => {
  workshop = await Workshop.open();
  ports = await freePorts(3);
  await cert("ca", "--out", "tls");
});
afterEach(() => workshop[Symbol.asyncDispose]());

async function cert(...args: string[]): Promise<Durio> {
  const durio = workshop.start("cert", ...args);
  expect(await durio.exited, durio.stderr).toMatchObject({ code: 0 });
  return durio;
}

const pathOf = (name: string): string => join(workshop.directory, name);
const textOf = (name: string): string => readFileSync(pathOf(name), "utf8");
const urlAt = (turn: number): string => `https://localhost:${ports[turn]}`;
const tlsFlags = (name: string): string[] => [
  ...["--tls-cert-file", `tls/${name}.crt`],
  ...["--tls-key-file", `tls/${name}.key`],
  ...["--tls-ca-file", "tls/ca.crt"],
];

interface Asked {
  readonly status: number;
  readonly body: string;
  readonly fingerprint: string;
}

function ask(url: string): Promise<Asked> {
  return askSecurely(url, { ca: textOf("tls/ca.crt") });
}

function put(url: string, key: string, value: string): Promise<Asked> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ key, value });
  return askSecurely(`${url}/kvstore/put`, { ca: textOf("tls/ca.crt"), method: "POST", headers, body });
}

async function isUp(url: string): Promise<boolean> {
  return (await ask(`${url}/healthz`)).status === 200;
}

/** Three replicas with certificates for localhost, each for itself. */
async function startThree(runtime: RuntimeName): Promise<Durio[]> {
  const peers = [0, 1, 2].map((turn) => `n${turn + 1}=${urlAt(turn)}`).join();
  return Promise.all(
    [0, 1, 2].map(async (turn) => {
      const id = `n${turn + 1}`;
      await cert("server", "localhost", "127.0.0.1", "--ca", "tls", "--out", id);
      renameSync(pathOf(`${id}/localhost.crt`), pathOf(`tls/${id}.crt`));
      renameSync(pathOf(`${id}/localhost.key`), pathOf(`tls/${id}.key`));
      const flags = ["--id", id, "--peers", peers, "--persister", "memory", ...tlsFlags(id)];
      const durio = workshop.startWith({ runtime }, "serve", ...flags);
      await durio.until(() => isUp(urlAt(turn)));
      return durio;
    }),
  );
}

/** Replaces the files of a replica's certificate. Returns its fingerprint. */
async function replaceCertificate(id: string, days?: number): Promise<string> {
  const pair = await issueCertificate(readAuthority(pathOf("tls")), ["localhost", "127.0.0.1"], days);
  writeFileSync(pathOf(`tls/${id}.crt`), pair.cert);
  writeFileSync(pathOf(`tls/${id}.key`), pair.key);
  return new X509Certificate(pair.cert).fingerprint256;
}

describe.each(runtimes)("on %s", (runtime) => {
  test("three replicas agree over https, and each takes a new certificate under load", async () => {
    const replicas = await startThree(runtime);
    await eventually(async () => (await put(urlAt(0), "k", "v")).status === 200);
    for (const turn of [1, 2]) {
      expect((await ask(`${urlAt(turn)}/kvstore/get/k`)).body).toContain("v");
    }
    for (const [turn, replica] of replicas.entries()) {
      const load = new HttpsLoad(`${urlAt(turn)}/kvstore/get/k`, textOf("tls/ca.crt"), 4);
      const fingerprint = await replaceCertificate(`n${turn + 1}`);
      const sinceMs = performance.now();
      process.kill(replica.pid, "SIGHUP");
      await replica.until(async () => (await ask(urlAt(turn))).fingerprint === fingerprint);
      const tookMs = Math.round(performance.now() - sinceMs);
      const { failures, answered, refused } = await load.stop();
      console.log(
        `${runtime}: new certificate after ${tookMs} ms; ${answered} answered, ${refused} repeated`,
      );
      expect(failures).toEqual([]);
      expect(replica.stderr).toContain("the certificate was replaced: the new one is in use");
    }
    // They still call each other.
    expect((await put(urlAt(1), "k", "w")).status).toBe(200);
    expect((await ask(`${urlAt(2)}/kvstore/get/k`)).body).toContain("w");
    const status = JSON.parse((await ask(`${urlAt(0)}/status`)).body);
    expect(status.tls).toMatchObject({ daysLeft: 399 });
  });

  test("a wrong key is refused, the old certificate stays, and SIGTERM stops", async () => {
    await cert("server", "localhost", "--ca", "tls");
    const flags = ["--listen", `localhost:${ports[0]}`, "--persister", "memory", ...tlsFlags("localhost")];
    const durio = workshop.startWith({ runtime }, "serve", ...flags);
    await durio.until(() => isUp(urlAt(0)));
    const { fingerprint } = await ask(urlAt(0));
    writeFileSync(pathOf("tls/localhost.key"), textOf("tls/ca.key"));
    process.kill(durio.pid, "SIGHUP");
    await durio.until(() => durio.stderr.includes("the key does not belong to the certificate"));
    expect((await ask(urlAt(0))).fingerprint).toBe(fingerprint);
    expect(await durio.kill("SIGTERM")).toMatchObject({ code: 0 });
  });
});

test("a replaced CA is used for the next calls", async () => {
  const replicas = await startThree("bun");
  await eventually(async () => (await put(urlAt(0), "k", "v")).status === 200);
  // All trust both CAs first, then their certificates are replaced by ones of the new CA.
  await cert("ca", "--out", "new");
  writeFileSync(pathOf("tls/ca.crt"), textOf("tls/ca.crt") + textOf("new/ca.crt"));
  for (const replica of replicas) {
    process.kill(replica.pid, "SIGHUP");
    await replica.until(() => replica.stderr.includes("the CA of the replicas was replaced"));
  }
  for (const [turn, replica] of replicas.entries()) {
    const pair = await issueCertificate(readAuthority(pathOf("new")), ["localhost"]);
    writeFileSync(pathOf(`tls/n${turn + 1}.crt`), pair.cert);
    writeFileSync(pathOf(`tls/n${turn + 1}.key`), pair.key);
    process.kill(replica.pid, "SIGHUP");
    await replica.until(() => replica.stderr.includes("the certificate was replaced"));
  }
  await eventually(async () => (await put(urlAt(1), "k", "w")).status === 200);
  expect((await ask(`${urlAt(2)}/kvstore/get/k`)).body).toContain("w");
});

test("a certificate that ends soon is warned of, in the log and in /status", async () => {
  await cert("server", "localhost", "--ca", "tls");
  await replaceCertificate("localhost", 20.5);
  const flags = ["--listen", `localhost:${ports[0]}`, "--persister", "memory", ...tlsFlags("localhost")];
  const durio = workshop.start("serve", ...flags, "--log-format", "json");
  await durio.until(() => isUp(urlAt(0)));
  expect(durio.stderr).toMatch(/"event":"tls\.expiring".*expires in 20 days/);
  expect(JSON.parse((await ask(`${urlAt(0)}/status`)).body).tls).toMatchObject({ daysLeft: 20 });
});

test("a certificate that can't be used is named at the start", async () => {
  await cert("server", "localhost", "--ca", "tls");
  writeFileSync(pathOf("tls/localhost.key"), textOf("tls/ca.key"));
  const durio = workshop.start("serve", "--persister", "memory", ...tlsFlags("localhost"));
  expect(await durio.exited).toMatchObject({ code: 2 });
  expect(durio.stderr).toContain(
    "error: tls/localhost.crt with tls/localhost.key: the key does not belong to the certificate",
  );
});

describe.each(runtimes)("with --peer-listen on %s", (runtime) => {
  test("only that address answers peers, and only the other one clients", async () => {
    const [port, peerPort] = ports;
    await cert("server", "localhost", "--ca", "tls");
    const flags = ["--listen", `localhost:${port}`, "--peer-listen", `localhost:${peerPort}`];
    const durio = workshop.startWith(
      { runtime },
      ...["serve", ...flags, "--persister", "memory", ...tlsFlags("localhost")],
    );
    await durio.until(() => isUp(urlAt(0)));
    await eventually(async () => (await put(urlAt(0), "k", "v")).status === 200);
    const statuses = async (turn: number): Promise<number[]> =>
      Promise.all(
        ["/rpc/raft", "/kvstore/get/k", "/status"].map(
          async (path) => (await ask(`${urlAt(turn)}${path}`)).status,
        ),
      );
    expect(await statuses(0)).toEqual([404, 200, 200]);
    expect(await statuses(1)).toEqual([405, 404, 200]);
    const fingerprint = await replaceCertificate("localhost");
    process.kill(durio.pid, "SIGHUP");
    for (const turn of [0, 1]) {
      await durio.until(async () => (await ask(urlAt(turn))).fingerprint === fingerprint);
    }
  });
});

describe("durio cert", () => {
  test("writes keys that only their owner can read, and overwrites nothing", async () => {
    await cert("server", "pi1", "10.0.0.1", "--ca", "tls", "--out", "pi1");
    for (const key of ["tls/ca.key", "pi1/pi1.key"]) expect(statSync(pathOf(key)).mode & 0o777).toBe(0o600);
    const again = workshop.start("cert", "server", "pi1", "--ca", "tls", "--out", "pi1");
    expect(await again.exited).toMatchObject({ code: 2 });
    expect(again.stderr).toContain("pi1/pi1.crt exists already, and is not overwritten");
  });

  test.each(runtimes)("on %s, openssl verifies what it creates", async (runtime) => {
    const run = async (...args: string[]): Promise<void> => {
      const durio = workshop.startWith({ runtime }, "cert", ...args);
      expect(await durio.exited, durio.stderr).toMatchObject({ code: 0 });
    };
    await run("ca", "--out", "own");
    await run("server", "pi1", "10.0.0.1", "::1", "--ca", "own");
    const certificate = new X509Certificate(textOf("own/pi1.crt"));
    expect(certificate.subjectAltName).toBe("DNS:pi1, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1");
    expect(certificate.verify(new X509Certificate(textOf("own/ca.crt")).publicKey)).toBe(true);
    if (!existsSync("/usr/bin/openssl")) return;
    const flags = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "own/ca.crt", "own/pi1.crt"];
    expect(execFileSync("/usr/bin/openssl", flags, { cwd: workshop.directory }).toString()).toBe(
      "own/pi1.crt: OK\n",
    );
  });

  test.each([
    [[], "cert needs a command: ca or server"],
    [["serve"], "unknown command serve; did you mean server?"],
    [["ca"], "--out: required, the directory for the CA, such as --out /etc/durio/tls"],
    [["server", "--ca", "tls"], "cert server: name the replica: durio cert server pi1 10.0.0.1 --ca tls"],
    [["server", "pi1"], "--ca: required, the directory with the CA"],
    [["server", "pi1", "--ca", "x"], "--ca: there is no x/ca.crt; create a CA with: durio cert ca --out x"],
    [["server", "pi1:9006", "--ca", "tls"], '"pi1:9006" is not a name or an address of a machine; leave out'],
  ])("%j is wrong use: %s", async (args, message) => {
    const durio = workshop.start("cert", ...args);
    expect(await durio.exited).toMatchObject({ code: 2 });
    expect(durio.stderr).toContain(message);
  });
});

describe("the commands that ask a replica", () => {
  test.each(["bun", "node", "deno"] as const)("on %s trust the CA of DURIO_TLS_CA_FILE", async (runtime) => {
    await cert("server", "localhost", "--ca", "tls");
    writeFileSync(pathOf("secret"), "a secret of the cluster for this test\n", { mode: 0o600 });
    const secured = ["--secret-file", "secret", ...tlsFlags("localhost")];
    const replica = workshop.start("serve", "--peers", `n1=${urlAt(0)}`, ...secured);
    await replica.until(() => existsSync(pathOf(".durio/n1/admin-token")));
    const list = (environment: Readonly<Record<string, string>>): Durio =>
      workshop.startWith({ runtime, environment }, "token", "list", "--url", urlAt(0));
    const trusting = list({ DURIO_TLS_CA_FILE: "tls/ca.crt" });
    expect({ ...(await trusting.exited), stderr: trusting.stderr }).toMatchObject({ code: 0, stderr: "" });
    expect(trusting.stdout).toContain("admin");
    const other = list({});
    expect((await other.exited).code).toBe(1);
    expect(other.stderr).toContain("DURIO_TLS_CA_FILE names the file with the cluster's CA");
  });
});
