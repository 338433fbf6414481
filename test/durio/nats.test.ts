import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "nats";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Ledger } from "../../bench/failover/ledger.ts";
import { NatsServer } from "../../bench/systems/nats-server.ts";
import { newSecret } from "../../src/durio/secret/index.ts";
import { operatorMode } from "../transports/nats-operator.ts";
import { type Durio, eventually, freePorts, leaderOf, Plan, read, Workshop, write } from "./processes.ts";

let workshop: Workshop;
let plan: Plan;
let servers: NatsServer[];
beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
  servers = [];
});
afterEach(async () => {
  await workshop[Symbol.asyncDispose]();
  for (const server of servers) await server[Symbol.asyncDispose]();
});

function natsServer(port: number, ...flags: string[]): NatsServer {
  const server = new NatsServer(port, ...flags);
  servers.push(server);
  return server;
}

async function startNats(...flags: string[]): Promise<NatsServer> {
  const [port = 0] = await freePorts(1);
  const server = natsServer(port, ...flags);
  await server.start();
  return server;
}

/** Starts a nats-server with a given configuration. */
async function startNatsWith(config: string): Promise<NatsServer> {
  const path = join(workshop.directory, "nats.conf");
  await writeFile(path, config);
  return startNats("--config", path);
}

function startReplica(turn: number, url: string, ...flags: string[]): Promise<Durio> {
  const nats = ["--transport", "nats", "--nats-url", url];
  return workshop.serve(plan.url(turn), ...plan.flags(turn), ...nats, ...flags);
}

function startAll(url: string, ...flags: string[]): Promise<Durio[]> {
  return Promise.all([0, 1, 2].map((turn) => startReplica(turn, url, ...flags)));
}

/** Writers that record their acknowledged writes. */
function startLoad(): Ledger {
  const ids = ["n1", "n2", "n3"];
  const url = (id: string) => new URL(plan.url(ids.indexOf(id)));
  return new Ledger({ ids, url, leader: () => leaderOf(plan.urls) }, 4);
}

test("replicas with a secret talk over NATS, and a message without a seal is refused unread", async () => {
  const nats = await startNats();
  const environment = { DURIO_SECRET: newSecret() };
  const through = ["--transport", "nats", "--nats-url", nats.url, "--peer-encryption"];
  const flags = [...through, "--persister", "memory", "--anonymous", "write"];
  const started = await Promise.all(
    [0, 1, 2].map((turn) =>
      workshop.serveWith({ environment }, plan.url(turn), ...plan.flags(turn), ...flags),
    ),
  );
  await leaderOf(plan.urls);
  expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
  const client = await connect({ servers: nats.url });
  const answer = await client.request("ruaft.durio.0.n1.raft", Uint8Array.of(0x85, 1));
  await client.close();
  expect(answer.data.length).toBe(0);
  await eventually(() => started[0]?.stderr.includes("they have no seal, so the sender has no secret"));
});

const nothingLost = { lost: 0, repeated: 0 };

test("three replicas serve, and continue after their leader was killed", async () => {
  const { url } = await startNats();
  const replicas = await startAll(url);
  expect((await write(plan.url(0), "put", "k", "a")).status).toBe(200);
  const leader = await leaderOf(plan.urls);
  await replicas[leader]?.kill("SIGKILL");
  expect((await write(plan.url(leader + 1), "append", "k", "b")).status).toBe(200);
  await startReplica(leader, url);
  expect(await read(plan.url(leader), "k")).toBe("ab");
});

describe("under load, no acknowledged write is lost, none takes effect twice, and writes succeed again", () => {
  test("when nats-server is killed and restarted; both are logged", async () => {
    const server = await startNats();
    const [replica] = await startAll(server.url);
    const load = startLoad();
    for (let times = 0; times < 3; times++) {
      await load.acknowledgements.more(20);
      await server[Symbol.asyncDispose]();
      await eventually(async () => (await Promise.all(plan.urls.map(leaderAt))).every((id) => id === null));
      await server.start();
      await load.acknowledgements.more(20);
    }
    expect(await load.audit()).toMatchObject(nothingLost);
    expect(replica?.stderr).toContain("lost NATS at 127.0.0.1");
    expect(replica?.stderr).toContain("connected to NATS again, at 127.0.0.1");
  });

  test("when nats-server is stopped and continued", async () => {
    const server = await startNats();
    const [replica] = await startAll(server.url);
    const load = startLoad();
    await load.acknowledgements.more(20);
    server.signal("SIGSTOP");
    await eventually(() => replica?.stderr.includes("lost NATS"));
    server.signal("SIGCONT");
    await load.acknowledgements.more(20);
    expect(await load.audit()).toMatchObject(nothingLost);
  });

  test("when one of three NATS servers is killed", async () => {
    const [first = 0, second = 0, third = 0, ...routes] = await freePorts(6);
    const all = routes.map((port) => `nats://127.0.0.1:${port}`).join();
    const [one, ...others] = [first, second, third].map((port, turn) =>
      natsServer(
        port,
        ...["--cluster_name", "tests", "--cluster", `nats://127.0.0.1:${routes[turn]}`, "--routes", all],
      ),
    );
    await Promise.all([one, ...others].map((server) => server?.start()));
    await startAll([one, ...others].map((server) => server?.url).join());
    const load = startLoad();
    await load.acknowledgements.more(20);
    await one?.[Symbol.asyncDispose]();
    await load.acknowledgements.more(20);
    expect(await load.audit()).toMatchObject(nothingLost);
  });
});

test("the second of two processes with one name refuses requests and logs that until the first has ended", async () => {
  const { url } = await startNats();
  const replicas = await startAll(url);
  await leaderOf(plan.urls);
  const [port = 0] = await freePorts(1);
  const elsewhere = `127.0.0.1:${port}`;
  // A cluster of one, as `durio --transport nats` is: what it acknowledged would be lost to the others.
  const flags = ["--data-dir", "other", "--listen", elsewhere, "--transport", "nats", "--nats-url", url];
  const other = await workshop.serve(`http://${elsewhere}`, ...flags);
  await eventually(() => other.stderr.includes("another process runs as n1"));
  for (let turn = 0; turn < 30; turn++) {
    expect((await write(plan.url(turn % 3), "append", "k", "x")).status).toBe(200);
  }
  for (const replica of plan.urls) expect(await read(replica, "k")).toBe("x".repeat(30));
  await replicas[0]?.kill("SIGKILL");
  expect((await write(plan.url(1), "append", "k", "y")).status).toBe(200);
});

test("a second process of a replica on empty data reports that the first one runs, not that data was lost (O5)", async () => {
  const { url } = await startNats();
  await startAll(url);
  await leaderOf(plan.urls);
  const [port = 0] = await freePorts(1);
  const elsewhere = `127.0.0.1:${port}`;
  const flags = [...plan.flags(0), "--listen", elsewhere, "--transport", "nats", "--nats-url", url];
  const second = await workshop.serve(`http://${elsewhere}`, ...flags, "--data-dir", "second");
  await eventually(() => second.stderr.includes("another process runs as n1 on the same NATS"));
  for (let turn = 0; turn < 30; turn++) {
    expect((await write(plan.url(turn % 3), "append", "k", "x")).status).toBe(200);
  }
  expect(second.stderr).not.toContain("the storage of n1 is empty");
  expect((await second.kill("SIGTERM")).code).toBe(0);
});

test("a server that rejects replicas, even twice, is tried again", async () => {
  const path = join(workshop.directory, "nats.conf");
  await writeFile(path, "authorization: { token: one }");
  const [port = 0] = await freePorts(1);
  const server = natsServer(port, "--config", path);
  await server.start();
  const [replica] = await startAll(server.url.replace("//", "//one@"));
  expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
  await server[Symbol.asyncDispose]();
  await writeFile(path, "authorization: { token: two }");
  await server.start();
  await eventually(() => /NATS says: .*AUTHORIZATION/.test(replica?.stderr ?? ""));
  await eventually(async () => (await (await fetch(`${plan.url(0)}/status`)).json()).leader === null);
  await server[Symbol.asyncDispose]();
  await writeFile(path, "authorization: { token: one }");
  await server.start();
  await eventually(async () => (await write(plan.url(0), "put", "k", "w")).ok);
});

test("replicas that start before nats-server log that, and serve once it runs", async () => {
  const [port = 0] = await freePorts(1);
  const server = natsServer(port);
  const [replica] = await startAll(server.url, "--request-timeout-ms", "500");
  await eventually(() => replica?.stderr.includes("waiting for NATS"));
  expect((await (await fetch(`${plan.url(0)}/status`)).json()).leader).toBe(null);
  await server.start();
  await eventually(async () => (await write(plan.url(1), "put", "k", "v")).ok);
  await eventually(async () => (await fetch(`${plan.url(0)}/readyz`)).ok);
});

describe("a server whose max_payload is small", () => {
  const maxPayload = 16_384;

  test("never gets more: values that fit are written, larger ones get 413 from any replica", async () => {
    const { url } = await startNatsWith(`max_payload: ${maxPayload}`);
    await startAll(url);
    await leaderOf(plan.urls);
    for (const replica of plan.urls) {
      expect((await write(replica, "put", "fits", "v".repeat(maxPayload - 2048))).status).toBe(200);
      const refused = await write(replica, "put", "never", "v".repeat(maxPayload));
      expect([refused.status, (await refused.json()).retryable]).toEqual([413, false]);
    }
  });

  test("a value that grew beyond a message can be read at the leader, and is refused by followers", async () => {
    const { url } = await startNatsWith(`max_payload: ${maxPayload}`);
    await startAll(url);
    const leader = await leaderOf(plan.urls);
    for (let times = 0; times < 3; times++) {
      expect((await write(plan.url(leader), "append", "k", "v".repeat(8000))).status).toBe(200);
    }
    expect((await read(plan.url(leader), "k")).length).toBe(24_000);
    const elsewhere = await fetch(`${plan.url(leader + 1)}/kvstore/get/k`);
    expect([elsewhere.status, (await elsewhere.json()).detail]).toEqual([
      413,
      expect.stringContaining("to the leader directly"),
    ]);
  });

  test("is enough for a replica to catch up with, by entries and by a snapshot", async () => {
    const { url } = await startNatsWith(`max_payload: ${maxPayload}`);
    const replicas = await startAll(url, "--compact-log-mib", "1");
    const leader = await leaderOf(plan.urls);
    const away = (leader + 1) % 3;
    await replicas[away]?.kill("SIGKILL");
    const value = "v".repeat(8000);
    const writes = Array.from({ length: 1000 }, (_, turn) => () => {
      return write(plan.url(leader), "put", `k${turn % 200}`, value);
    });
    while (writes.length > 0) await Promise.all(writes.splice(0, 50).map((one) => one()));
    await startReplica(away, url);
    await eventually(async () => (await appliedAt(plan.url(away))) >= (await appliedAt(plan.url(leader))));
    expect((await (await fetch(`${plan.url(away)}/status`)).json()).snapshotIndex).toBeGreaterThan(0);
  });
});

describe("a server that requires authentication", () => {
  /** Starts three replicas, and checks whether they reach each other. */
  async function expectCluster(url: string, ...flags: string[]): Promise<void> {
    await startAll(url, ...flags);
    expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
  }

  async function file(name: string, content: string): Promise<string> {
    const path = join(workshop.directory, name);
    await writeFile(path, content);
    return path;
  }

  /** Users `n1` to `n3` with the permissions of docs/nats.md, except those that one user lacks. */
  function users(spared = ""): string {
    const grants = ["n1", "n2", "n3"].map((id) => {
      const allowed = [`subscribe: "ruaft.durio.0.${id}.>"`, 'publish: "ruaft.durio.0.>"'];
      const granted = id === "n1" ? allowed.filter((grant) => !spared || !grant.startsWith(spared)) : allowed;
      const denied = id === "n1" && spared ? [`${spared}: { deny: ">" }`] : [];
      return `{ user: "${id}", password: "p-${id}", permissions: { ${[...granted, ...denied].join(", ")} } }`;
    });
    return `authorization: { users: [ ${grants.join(", ")} ] }`;
  }

  const as = (url: string, turn: number) => url.replace("//", `//n${turn + 1}:p-n${turn + 1}@`);

  test("accepts a user name and password with only the permissions in docs/nats.md", async () => {
    const { url } = await startNatsWith(users());
    await Promise.all([0, 1, 2].map((turn) => startReplica(turn, as(url, turn))));
    for (const replica of plan.urls) expect((await write(replica, "append", "k", "v")).status).toBe(200);
    expect(await read(plan.url(0), "k")).toBe("vvv");
  });

  test.each([
    ["subscribe", /no permission for subscription, ruaft\.durio\.0\.n1\./],
    ["publish", /no permission for publish, ruaft\.durio\.0\./],
  ])("and may not %s: that is logged, and the others continue", async (spared, message) => {
    const { url } = await startNatsWith(users(spared));
    const [first] = await Promise.all([0, 1, 2].map((turn) => startReplica(turn, as(url, turn))));
    await eventually(() => message.test(first?.stderr ?? ""));
    const lines = first?.stderr.split("\n").filter((line) => message.test(line)) ?? [];
    expect(new Set(lines.map((line) => line.replace(/^\S+/, ""))).size, "each subject once").toBe(
      lines.length,
    );
    expect((await fetch(`${plan.url(0)}/healthz`)).ok).toBe(true);
  });

  test("accepts a token from a file", async () => {
    const { url } = await startNatsWith("authorization: { token: s3cret }");
    await expectCluster(url, "--nats-token-file", await file("token", "s3cret\n"));
  });

  test("accepts credentials from a file", async () => {
    const { config, credentials } = operatorMode();
    const { url } = await startNatsWith(config);
    await expectCluster(url, "--nats-credentials-file", await file("user.creds", credentials));
  });

  test("is asked for a certificate, and sends one", async () => {
    const tls = (name: string) => fileURLToPath(new URL(`../transports/tls/${name}`, import.meta.url));
    const { url } = await startNatsWith(`
      tls: { cert_file: "${tls("server.pem")}", key_file: "${tls("server.key")}", ca_file: "${tls("ca.pem")}", verify: true }`);
    const certificate = ["--nats-tls-cert-file", tls("client.pem"), "--nats-tls-key-file", tls("client.key")];
    await expectCluster(url.replace("nats:", "tls:"), "--nats-tls-ca-file", tls("ca.pem"), ...certificate);
  });

  test("and that turns a replica away, is named in the log", async () => {
    const { url } = await startNatsWith("authorization: { token: s3cret }");
    const replica = workshop.start(...plan.flags(0), "--transport", "nats", "--nats-url", url);
    await eventually(() => replica.stderr.includes("waiting for NATS"));
    expect(replica.stderr).toMatch(/waiting for NATS: .*Authorization/i);
  });
});

async function leaderAt(url: string): Promise<string | null> {
  return (await (await fetch(`${url}/status`)).json()).leader;
}

async function appliedAt(url: string): Promise<number> {
  return (await (await fetch(`${url}/status`)).json()).lastApplied;
}
