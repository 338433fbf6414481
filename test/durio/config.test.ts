import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configPageText, durioConfigText } from "../../scripts/config-texts.ts";
import { configSchemaText } from "../../src/durio/config/index.ts";
import { InvalidConfig, startDurio } from "../../src/durio/index.ts";
import { effectiveConfig, programConfig } from "../../src/durio/read-config.ts";
import { type Durio, freePorts, Workshop } from "./processes.ts";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await Workshop.open();
});
afterEach(() => workshop[Symbol.asyncDispose]());

function put(name: string, content: string): Promise<void> {
  return writeFile(join(workshop.directory, name), content);
}

async function ended(durio: Durio): Promise<{ code: number | null; lines: string[]; errors: string[] }> {
  const { code } = await durio.exited;
  const lines = (text: string) => text.split("\n").filter(Boolean);
  return { code, lines: lines(durio.stdout), errors: lines(durio.stderr) };
}

/** The rows of `durio config`, each as its words. */
async function shown(environment: Record<string, string>, ...flags: string[]): Promise<string[][]> {
  const { code, lines, errors } = await ended(workshop.startWith({ environment }, "config", ...flags));
  expect(errors).toEqual([]);
  expect(code).toBe(0);
  return lines.map((line) => line.split(/ {2,}/));
}

test("flags override the environment, which overrides the file, which overrides the defaults", async () => {
  await put("durio.json", '{"heartbeatMs": 20, "persister": "memory", "logLevel": "error"}');
  const environment = { DURIO_PERSISTER: "file", DURIO_LOG_LEVEL: "debug" };
  const rows = await shown(environment, "--log-level", "warning");
  expect(rows).toContainEqual(["logLevel", "warning", "--log-level"]);
  expect(rows).toContainEqual(["persister", "file", "DURIO_PERSISTER"]);
  expect(rows).toContainEqual(["heartbeatMs", "20", "durio.json"]);
  expect(rows).toContainEqual(["requestTimeoutMs", "5000", "default"]);
});

test("--json prints a config file with the same settings", async () => {
  const flags = ["--id", "7", "--listen", "[::1]:9100", "--election-timeout-ms", "200-500"];
  const { lines } = await ended(workshop.start("config", "--json", ...flags));
  await put("other.json", lines.join("\n"));
  const again = await ended(workshop.start("config", "--json", "--config", "other.json"));
  expect(again.lines).toEqual(lines);
  expect(JSON.parse(lines.join("\n"))).toMatchObject({ id: "7", peers: { "7": "http://[::1]:9100" } });
});

test("secrets of NATS are never shown", async () => {
  const flags = ["--nats-url", "nats://me:s3cret@a:4222,tls://b,nats://me:s3@cret@c"];
  const hidden = "nats://***@a:4222,tls://b,nats://***@c";
  expect(await shown({}, ...flags)).toContainEqual(["natsUrl", hidden, "--nats-url"]);
});

test("durio.config.ts is a program: it is read if it is named, and passed over with a warning if it is not", async () => {
  await put("durio.config.ts", 'const id: string = "n" + 5;\nexport default { id };\n');
  expect(await shown({}, "--config", "durio.config.ts")).toContainEqual(["id", "n5", "durio.config.ts"]);
  expect(await shown({}, "--no-config")).toContainEqual(["id", "n1", "default"]);
  const { code, errors, lines } = await ended(workshop.start("config"));
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^id +n1 +default$/);
  expect(errors).toEqual([
    "warning: durio.config.ts is a program and was not run: to use it, pass --config durio.config.ts",
  ]);
});

test("addresses may be abbreviated and lack their schemes", async () => {
  expect(await shown({}, "--listen", "9100")).toContainEqual(["listen", "127.0.0.1:9100", "--listen"]);
  expect(await shown({}, "--listen", ":9100")).toContainEqual(["listen", "0.0.0.0:9100", "--listen"]);
  expect(await shown({}, "--listen", "localhost")).toContainEqual(["listen", "localhost:9006", "--listen"]);
  expect(await shown({}, "--peers", "n1=pi1:9006")).toContainEqual([
    "peers",
    '{"n1":"http://pi1:9006"}',
    "--peers",
  ]);
  const { config } = programConfig({ natsUrl: "localhost:4222,tls://b", dataDir: "~/x" });
  expect(config.natsUrl.map(String)).toEqual(["nats://localhost:4222", "tls://b"]);
  expect(config.dataDir).toBe(`${homedir()}/x`);
});

test("settings of NATS are shown if NATS carries the messages, or one of them was set", async () => {
  const names = async (...flags: string[]) =>
    (await shown({}, ...flags)).map(([name = ""]) => name).filter((name) => name.startsWith("nats"));
  expect(await names()).toEqual([]);
  expect(await names("--nats-prefix", "x")).toEqual(["natsPrefix"]);
  expect(await names("--transport", "nats")).toContain("natsUrl");
});

test("variables that Kubernetes sets for a Service named durio are ignored", async () => {
  const service = {
    DURIO_SERVICE_HOST: "10.0.0.1",
    DURIO_SERVICE_PORT_HTTP: "9006",
    DURIO_PORT: "tcp://10.0.0.1:9006",
    DURIO_PORT_9006_TCP_ADDR: "10.0.0.1",
  };
  expect(await shown(service)).toContainEqual(["listen", "127.0.0.1:9006", "default"]);
});

test("variables that are no settings are passed over, each with a warning that names the nearest", async () => {
  const environment = { DURIO_PERSISTOR: "memory", DURIO_COLOUR: "red" };
  const { code, errors } = await ended(workshop.startWith({ environment }, "config"));
  expect(code).toBe(0);
  expect(errors.toSorted()).toEqual([
    "warning: DURIO_COLOUR: unknown setting",
    "warning: DURIO_PERSISTOR: unknown setting; did you mean DURIO_PERSISTER?",
  ]);
});

test("a byte order mark does no harm", async () => {
  await put("durio.json", '\uFEFF{"id": "n7"}');
  expect(await shown({})).toContainEqual(["id", "n7", "durio.json"]);
});

test("a file that DURIO_CONFIG names is read, and no other", async () => {
  await put("durio.json", '{"id": "n2"}');
  await put("mine.json", '{"id": "n3", "$schema": "./durio.schema.json"}');
  expect(await shown({ DURIO_CONFIG: "mine.json" })).toContainEqual(["id", "n3", "mine.json"]);
});

describe("a broken config file ends with code 2; each line names the setting, the allowed values, and the given one", () => {
  test.each([
    ['{"id": "N1"}', 'durio.json: id: 1 to 32 characters of a-z, 0-9 and "-", not "N1"'],
    ['{"peers": {"n1": "ftp://a"}}', "durio.json: peers: ID=URL once for each of 1 to 9 replicas"],
    ['{"peers": {}}', "durio.json: peers: ID=URL once for each of 1 to 9 replicas"],
    ['{"transport": "pigeon"}', 'durio.json: transport: http, nats or loopback, not "pigeon"'],
    ['{"natsUrl": "http://me:s3cret@a"}', "durio.json: natsUrl: nats://HOST:PORT or tls://HOST:PORT"],
    ['{"natsUrl": "nats://me:s3,cret@a"}', 'not "***@a"'],
    ['{"natsUrl": "nats://me:s3/cret@a"}', 'not "***@a"'],
    ['{"natsUrl": "nats://me:s3cret@a:99999"}', 'not "***@a:99999"'],
    ['{"natsUrl": "nats://me:s3%cret@a"}', 'not "***@a"'],
    ['{"natsUrl": "nats://***@a"}', "replace *** by the user name and password that it hides"],
    ['{"natsPrefix": "a.*"}', 'durio.json: natsPrefix: words of letters, digits, "_" and "-"'],
    [
      '{"natsTlsKeyFile": "key.pem"}',
      "durio.json: natsTlsKeyFile: set both a certificate and its key, or neither",
    ],
    ['{"tlsKeyFile": "key.pem"}', "durio.json: tlsKeyFile: set both a certificate and its key, or neither"],
    [
      '{"tlsCertFile": "a", "tlsKeyFile": "b", "peers": {"n1": "http://a"}}',
      "durio.json: peers: the URL of n1 must begin with https:// because it has a certificate, not http://a",
    ],
    [
      '{"peers": {"n1": "https://a"}}',
      "required because the URL of this replica uses https: https://a; or set tlsCertFile and tlsKeyFile",
    ],
    [
      '{"peerListen": "127.0.0.1:9006"}',
      "durio.json: peerListen: must be another address than 127.0.0.1:9006, where clients connect",
    ],
    [
      '{"peerListen": "9007", "transport": "nats"}',
      "durio.json: peerListen: only for the transport http, because replicas do not call each other over nats",
    ],
    ['{"listen": 9006}', 'such as "127.0.0.1:9006" or "[::1]:9006", not 9006'],
    ['{"persistor": "file"}', "durio.json: persistor: unknown setting; did you mean durio.json: persister?"],
    [
      '{"peers": {"n1": "http://a", "n2": "http://b", "n1": "http://c"}}',
      "durio.json: n1 is given twice: remove one",
    ],
    ['{"listen": "a:65536"}', "durio.json: listen: HOST:PORT"],
    ['{"heartbeatMs": "50"}', 'durio.json: heartbeatMs: a whole number from 1 to 60000, not "50"'],
    ['{"heartbeatMs": 0.5}', "durio.json: heartbeatMs: a whole number from 1 to 60000, not 0.5"],
    [
      '{"electionTimeoutMs": "600-300"}',
      'durio.json: electionTimeoutMs: MIN-MAX with MIN below MAX, not "600-300"',
    ],
    [
      '{"heartbeatMs": 200}',
      "--election-timeout-ms: MIN at least twice durio.json: heartbeatMs (200), not 300",
    ],
    ['{"colour": "red"}', "durio.json: colour: unknown setting"],
    ["[1]", "durio.json: must be an object with settings, not [1]"],
    ['{"id": ', "durio.json: can't be read as JSON"],
  ])("%s", async (content, message) => {
    await put("durio.json", content);
    const { code, errors } = await ended(workshop.start("config"));
    expect(code).toBe(2);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });

  test("all problems are reported together", async () => {
    await put("durio.json", '{"id": "N1", "persister": "paper", "colour": "red"}');
    const { code, errors } = await ended(
      workshop.startWith({ environment: { DURIO_LOG_LEVEL: "loud" } }, "serve", "--heartbeat-ms", "0"),
    );
    expect(code).toBe(2);
    expect(errors.map((line) => line.replace(/^error: /, "").split(": ")[0])).toEqual([
      "durio.json",
      "durio.json",
      "durio.json",
      "--heartbeat-ms",
      "DURIO_LOG_LEVEL",
    ]);
  });

  test.each([
    [["--config", "missing.json"], {}, "missing.json: no such file"],
    [[], { DURIO_LOG_LEVEL: "loud" }, "DURIO_LOG_LEVEL: debug, info, warning or error"],
  ])("%j %j", async (flags, environment, message) => {
    const { code, errors } = await ended(workshop.startWith({ environment }, "config", ...flags));
    expect(code).toBe(2);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });
});

test("a program passes the same object, and has the same errors", async () => {
  const [port = 0] = await freePorts(1);
  const replica = await startDurio({ listen: `127.0.0.1:${port}`, persister: "memory" });
  expect((await fetch(`${replica.url}/healthz`)).ok).toBe(true);
  await replica.stop();
  const wrong = startDurio({ heartbeatMs: 0 });
  await expect(wrong).rejects.toThrow(InvalidConfig);
  await expect(wrong).rejects.toThrow("heartbeatMs: a whole number from 1 to 60000, not 0");
});

test("limits are passed to the parts that they limit", async () => {
  const [port = 0] = await freePorts(1);
  const dataDir = join(workshop.directory, "data");
  const replica = await startDurio({ listen: `127.0.0.1:${port}`, dataDir, segmentMib: 1 });
  const log = (await readdir(dataDir)).find((name) => name.endsWith(".log"));
  expect((await stat(join(dataDir, log ?? ""))).size).toBe(1 << 20);
  await replica.stop();
  const { tuning } = effectiveConfig(
    programConfig({ maxAppendKib: 8, snapshotChunkKib: 7, retainedLogMib: 2 }),
  );
  expect(tuning).toMatchObject({
    maxAppendBytes: 8 << 10,
    snapshotChunkBytes: 7 << 10,
    retainedLogBytes: 2 << 20,
  });
});

test("the URL, the address to bind and the protocol follow from each other and from the certificate", () => {
  const pair = { tlsCertFile: "a.crt", tlsKeyFile: "a.key" };
  const peers = { n1: "https://pi1:9006", n2: "https://pi2" };
  const followed = (config: Parameters<typeof programConfig>[0]): unknown[] => {
    const { peers: urls, listen } = effectiveConfig(programConfig(config));
    return [urls.values().next().value, listen];
  };
  expect(followed(pair)).toEqual(["https://127.0.0.1:9006", { hostname: "127.0.0.1", port: 9006 }]);
  expect(followed({ ...pair, peers })).toEqual(["https://pi1:9006", { hostname: "pi1", port: 9006 }]);
  expect(followed({ ...pair, id: "n2", peers })[1]).toEqual({ hostname: "pi2", port: 443 });
  expect(followed({ peerListen: "pi1:9007" })).toEqual([
    "http://pi1:9007",
    { hostname: "127.0.0.1", port: 9006 },
  ]);
});

test("DurioConfig and docs/config.md are what `npm run config:texts` writes: they and the help come from one schema", async () => {
  const file = fileURLToPath(new URL("../../src/durio/config/durio-config.ts", import.meta.url));
  expect(await readFile(file, "utf8")).toBe(durioConfigText());
  const page = fileURLToPath(new URL("../../docs/config.md", import.meta.url));
  expect(await readFile(page, "utf8")).toBe(configPageText());
});

test("durio.schema.json is what `durio config --schema` prints", async () => {
  const file = fileURLToPath(new URL("../../durio.schema.json", import.meta.url));
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(configSchemaText()));
});
