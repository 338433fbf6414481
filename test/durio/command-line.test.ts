import { afterEach, beforeEach, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { version } from "../../src/durio/index.ts";
import { freePorts, Plan, Workshop } from "./processes.ts";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await Workshop.open();
});
afterEach(() => workshop[Symbol.asyncDispose]());

describe("a usage error ends with code 2 and one line that names the flag and what is allowed", () => {
  test.each([
    ["--id N1", '--id: 1 to 32 characters of a-z, 0-9 and "-", not "N1"'],
    ["--cluster-id a/b", '--cluster-id: 1 to 32 characters of a-z, 0-9 and "-", not "a/b"'],
    ["--transport pigeon", '--transport: http, nats or loopback, not "pigeon"'],
    ["--persister paper", '--persister: file, bun-sqlite or memory, not "paper"'],
    ["--listen a/b", "--listen: HOST:PORT, HOST, PORT, or :PORT for all addresses of this machine"],
    ["--listen 99999", "--listen: HOST:PORT"],
    ["--peers n1=ftp://a", "--peers: ID=URL once for each of 1 to 9 replicas"],
    ["--peers n1=http://a,n1=http://b", "--peers: ID=URL once for each of 1 to 9 replicas"],
    [
      "--id n4 --peers n1=http://a,n2=http://b",
      "--peers: must name this replica, n4 (--id), not only n1, n2",
    ],
    ["--peers n1=http://a,n2=http://b --transport loopback", "--transport: loopback is for a cluster of one"],
    ["--peers n1=https://a", "--listen: required because the URL of this replica uses https"],
    ["--election-timeout-ms 600-300", "--election-timeout-ms: MIN-MAX with MIN below MAX"],
    ["--heartbeat-ms 200", "--election-timeout-ms: MIN at least twice --heartbeat-ms (200), not 300"],
    ["--request-timeout-ms 5s", '--request-timeout-ms: a whole number from 1 to 3600000, not "5s"'],
    ["--log-level loud", '--log-level: debug, info, warning or error, not "loud"'],
    ["dev --replicas 10", "--replicas: a whole number from 1 to 9, not 10"],
    [
      "dev --transport nats --nats-url nats://192.0.2.7",
      "--nats-url: 192.0.2.7:4222 is reached from other machines, and a trial cluster has no secret",
    ],
    ["--id", "option '--id <id>' argument missing"],
    ["serv", "unknown command serv; did you mean serve?"],
    [
      "nonsense",
      "unknown command nonsense; the commands are serve, dev, config, secret, cert, token, events, version and help",
    ],
    [
      "help nonsense",
      "unknown command nonsense; the commands are serve, dev, config, secret, cert, token, events, version and help",
    ],
    ["config extra", 'config takes no argument: "extra"'],
    ["get greeting", "durio has no client yet: curl http://127.0.0.1:9006/kvstore/get/KEY"],
  ])("%s", async (args, message) => {
    const durio = workshop.start(...args.split(" "));
    expect(await durio.exited).toEqual({ code: 2, signal: null });
    expect(durio.stderr).toContain(message);
    expect(durio.stderr.trim().split("\n")).toHaveLength(1);
  });

  test("an unknown flag, with the one that was probably meant", async () => {
    const durio = workshop.start("--data-dri", "x");
    expect(await durio.exited).toEqual({ code: 2, signal: null });
    expect(durio.stderr).toContain("unknown option '--data-dri'");
    expect(durio.stderr).toContain("--data-dir");
  });
});

describe("a failed start ends with code 1 and one line that says why", () => {
  async function refusal(...args: string[]): Promise<string> {
    const durio = workshop.start("serve", "--log-level", "error", ...args);
    expect(await durio.exited).toEqual({ code: 1, signal: null });
    expect(durio.stderr.trim().split("\n")).toHaveLength(1);
    return durio.stderr;
  }

  test("a port in use", async () => {
    const [port] = await freePorts(1);
    await workshop.serve(`http://127.0.0.1:${port}`, "--listen", `127.0.0.1:${port}`, "--data-dir", "a");
    const message = await refusal("--listen", `127.0.0.1:${port}`, "--data-dir", "b");
    expect(message).toContain(`port ${port} of 127.0.0.1 is in use`);
  });

  test("a directory that another process holds", async () => {
    const [one, two] = await freePorts(2);
    await workshop.serve(`http://127.0.0.1:${one}`, "--listen", `127.0.0.1:${one}`, "--data-dir", "shared");
    const message = await refusal("--listen", `127.0.0.1:${two}`, "--data-dir", "shared");
    expect(message).toContain("shared");
  });

  test("a directory of another replica, or of another cluster", async () => {
    const plan = new Plan(await freePorts(1));
    const first = await workshop.serve(plan.url(0), ...plan.flags(0), "--data-dir", "data");
    await first.kill("SIGTERM");
    const listen = ["--listen", plan.url(0).replace("http://", ""), "--data-dir", "data"];
    expect(await refusal("--id", "n2", ...listen)).toMatch(/replica n1 .* not to replica n2/);
    expect(await refusal("--cluster-id", "other", ...listen)).toMatch(/cluster durio, .* cluster other/);
  });
});

describe("help and version", () => {
  test.each(["--help", "help", "serve --help", "help serve", "dev --help"])(
    "%s goes to stdout and ends with code 0",
    async (args) => {
      const durio = workshop.start(...args.split(" "));
      expect(await durio.exited).toEqual({ code: 0, signal: null });
      expect(durio.stdout).toContain("Usage: durio");
      expect(durio.stdout).toContain("Examples:");
      expect(durio.stdout).not.toContain("exit-with-parent");
      expect(durio.stderr).toBe("");
    },
  );

  test.each(["--version", "version"])(
    "%s is that of the package, with runtime and platform",
    async (args) => {
      const durio = workshop.start(args);
      await durio.exited;
      expect(durio.stdout.trim()).toMatch(
        new RegExp(`^${version} \\(bun [\\d.]+, ${process.platform} ${process.arch}\\)$`),
      );
      expect(version).toBe(manifest.version);
    },
  );

  test.each(["bun", "node", "deno"] as const)(
    "on %s a reader that has read enough ends it without a word",
    async (runtime) => {
      const durio = workshop.startWith({ runtime }, "--help");
      durio.closeOutput();
      expect(await durio.exited).toEqual({ code: 0, signal: null });
      expect(durio.stderr).toBe("");
    },
  );
});
