import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newSecret } from "../../src/durio/secret/secret-text.ts";
import { rpcContentType } from "../../src/rpc/index.ts";
import type { RuntimeName } from "../../src/runtime/index.ts";
import { type Durio, eventually, freePorts, leaderOf, Plan, Workshop } from "./processes.ts";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await Workshop.open();
});
afterEach(() => workshop[Symbol.asyncDispose]());

const secret = newSecret();
/** What no output may contain. */
const planted = secret.slice("durio_secret_".length);

async function put(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(workshop.directory, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

async function outputOf(durio: Durio): Promise<string> {
  await durio.exited;
  return durio.stdout + durio.stderr;
}

describe("without a secret", () => {
  test.each<RuntimeName>(["bun", "node", "deno"])(
    "on %s, a replica that other machines reach is refused with code 2, and says how to get one",
    async (runtime) => {
      const durio = workshop.startWith({ runtime }, "--listen", "0.0.0.0:9006");
      expect(await durio.exited).toEqual({ code: 2, signal: null });
      expect(durio.stdout).toBe("");
      expect(durio.stderr).toBe(
        [
          "error: --listen: 0.0.0.0:9006 is reached from other machines, so the cluster needs a secret:",
          "         durio secret new --out /etc/durio/secret      then   --secret-file /etc/durio/secret   on every replica",
          "       or --insecure where nobody else is on that network",
          "",
        ].join("\n"),
      );
    },
  );

  test("a replica with --insecure serves everyone, and warns of that", async () => {
    const [port] = await freePorts(1);
    const flags = ["--listen", `0.0.0.0:${port}`, "--insecure", "--persister", "memory"];
    const durio = await workshop.serve(`http://127.0.0.1:${port}`, ...flags);
    await durio.until(() => durio.stderr.includes("is used without authentication"));
  });

  test("durio config still prints the settings", async () => {
    const durio = workshop.start("config", "--listen", "0.0.0.0:9006");
    expect(await durio.exited).toEqual({ code: 0, signal: null });
  });
});

describe("durio secret new", () => {
  test.each<RuntimeName>(["bun", "node", "deno"])(
    "on %s makes a secret that this durio takes",
    async (runtime) => {
      const printed = await outputOf(workshop.startWith({ runtime }, "secret", "new"));
      expect(printed).toMatch(/^durio_secret_[\w-]{43}\n$/);
      const path = join(workshop.directory, "new");
      const written = workshop.startWith({ runtime }, "secret", "new", "--out", path);
      expect(await written.exited).toEqual({ code: 0, signal: null });
      const text = await readFile(path, "utf8");
      expect(text).toMatch(/^durio_secret_[\w-]{43}\n$/);
      expect(written.stdout).not.toContain(text.trim());
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const [port] = await freePorts(1);
      const flags = ["--listen", `0.0.0.0:${port}`, "--persister", "memory", "--secret-file", path];
      await workshop.serveWith({ runtime }, `http://127.0.0.1:${port}`, ...flags);
    },
  );

  test.each([
    ["secret", "error: secret needs a command: durio secret new prints a new secret, durio secret rotate"],
    ["secret nwe", "error: secret has no command nwe: durio secret new prints"],
    ["secret new x", 'error: secret new takes no argument: "x"; --out FILE names a file'],
    ["secret new --out none/x", "error: --out: none does not exist: mkdir -p none"],
    ["secret new --out there", "error: --out: there exists and is never overwritten"],
  ])("used wrongly says what to do: durio %s", async (args, message) => {
    await put("there", "before");
    const durio = workshop.start(...args.split(" "));
    expect(await durio.exited).toEqual({ code: 2, signal: null });
    expect(durio.stderr).toContain(message);
    expect(durio.stderr.trim().split("\n")).toHaveLength(1);
    expect(await readFile(join(workshop.directory, "there"), "utf8")).toBe("before");
  });
});

describe("the secret is never shown", () => {
  /** The ways to pass it: flags and variables. */
  async function ways(): Promise<readonly (readonly [string[], Record<string, string>])[]> {
    const path = await put("secret", `${secret}\n`);
    return [
      [["--secret-file", path], {}],
      [[], { DURIO_SECRET_FILE: path }],
      [[], { DURIO_SECRET: secret }],
      [[], { CREDENTIALS_DIRECTORY: workshop.directory }],
    ];
  }

  test("by durio config", async () => {
    for (const [flags, environment] of await ways()) {
      for (const more of [[], ["--json"]]) {
        const durio = workshop.startWith({ environment }, "config", ...more, ...flags);
        expect(await outputOf(durio)).not.toContain(planted);
        expect(durio.stderr).toBe("");
        expect(await durio.exited).toEqual({ code: 0, signal: null });
      }
    }
  });

  test.each(["text", "json"])("by a replica with --log-level debug --log-format %s", async (format) => {
    for (const [flags, environment] of await ways()) {
      const [port] = await freePorts(1);
      const log = ["--log-level", "debug", "--log-format", format];
      const url = `http://127.0.0.1:${port}`;
      const replica = [
        "--listen",
        `0.0.0.0:${port}`,
        "--persister",
        "memory",
        "--anonymous",
        "read",
        ...log,
        ...flags,
      ];
      const durio = await workshop.serveWith({ environment }, url, ...replica);
      for (const route of ["/status", "/readyz?verbose"])
        expect(await (await fetch(url + route)).text()).not.toContain(planted);
      expect(await readFile(`/proc/${durio.pid}/cmdline`, "utf8")).not.toContain(planted);
      await durio.kill("SIGTERM");
      expect(durio.stdout + durio.stderr).not.toContain(planted);
      expect(durio.stderr).not.toContain("unknown setting");
    }
  });

  test("in the messages of mistakes", async () => {
    await put("durio.json", `{"secret": "${secret}"}`);
    const mistakes = [
      [`--secret=${secret}`],
      ["--secret", secret],
      ["--secret-file", secret],
      ["serve", secret],
      [secret],
      ["secret", secret],
      ["secret", "new", secret],
      ["config", "--secret-file", secret],
      ["--id", secret],
      ["config"],
    ];
    for (const args of mistakes) {
      const durio = workshop.start(...args);
      expect(await outputOf(durio), args.join(" ")).not.toContain(planted);
      expect((await durio.exited).code).toBe(2);
    }
    await put("durio.json", `{"secretFile": ${secret}}`);
    expect(await outputOf(workshop.start("config"))).not.toContain(planted);
    await put("bad", `${secret}\n${secret}\nshort\n`);
    const twice = await outputOf(workshop.start("--no-config", "--secret-file", "bad"));
    expect(twice).toContain("line 2 of bad repeats line 1");
    expect(twice).not.toContain(planted);
  });

  test("by durio dev, whose replicas have none", async () => {
    const [port] = await freePorts(3);
    const environment = { DURIO_SECRET: secret };
    const flags = ["--port", `${port}`, "--persister", "memory"];
    const durio = workshop.startWith({ environment }, "dev", ...flags);
    await durio.until(() => durio.stdout.includes("Ctrl-C stops all"));
    const pids = [...durio.stdout.matchAll(/ pid (\d+)/g)].map(([, pid]) => pid);
    expect(pids.length).toBeGreaterThanOrEqual(3);
    for (const pid of pids) {
      expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(planted);
      expect(await readFile(`/proc/${pid}/environ`, "utf8")).not.toContain(planted);
    }
    expect(durio.stdout + durio.stderr).not.toContain(planted);
  });
});

test("a file that others can read is refused with code 2, on each runtime", async () => {
  const path = await put("secret", `${secret}\n`, 0o644);
  for (const runtime of ["bun", "node", "deno"] as const) {
    const durio = workshop.startWith({ runtime }, "--secret-file", path);
    expect(await durio.exited).toEqual({ code: 2, signal: null });
    expect(durio.stderr).toBe(`error: ${path} can be read by others: chmod 600 ${path}\n`);
  }
});

describe("three replicas with a secret", () => {
  test("on three runtimes form a cluster; one with another secret gets nothing, and the log says so", async () => {
    const plan = new Plan(await freePorts(3));
    const path = await put("secret", `${secret}\n`);
    const runtimes = ["bun", "node", "deno"] as const;
    const started = runtimes.map((runtime, turn) =>
      workshop.startWith(
        { runtime },
        "serve",
        ...plan.flags(turn),
        "--persister",
        "memory",
        "--secret-file",
        path,
        "--anonymous",
        "read",
      ),
    );
    await leaderOf(plan.urls);
    const [first] = started;
    const unsealed = await fetch(`${plan.url(0)}/rpc/raft`, {
      ...{ method: "POST", body: Uint8Array.of(0x85, 1) },
      headers: { "content-type": rpcContentType },
    });
    expect([unsealed.status, await unsealed.text()]).toEqual([401, ""]);
    await eventually(() => first?.stderr.includes("they have no seal, so the sender has no secret"));
    expect(first?.stderr).toContain("from 127.0.0.1");
    const { seal } = await (await fetch(`${plan.url(0)}/status`)).json();
    expect(seal).toMatchObject({ isEncrypted: false, unsealed: 0, refused: 1 });
    const other = await put("other", `${newSecret()}\n`);
    await started[2]?.kill("SIGKILL");
    workshop.start("serve", ...plan.flags(2), "--persister", "memory", "--secret-file", other);
    await eventually(() => first?.stderr.includes("none of this replica's secrets sealed them"));
  });

  test("can be given it one by one with --peer-auth accept, and encryption afterwards", async () => {
    const plan = new Plan(await freePorts(3));
    const path = await put("secret", `${secret}\n`);
    const statusOf = async (turn: number) => (await (await fetch(`${plan.url(turn)}/status`)).json()).seal;
    const serve = (turn: number, ...flags: string[]) => {
      const own = [...plan.flags(turn), "--data-dir", `n${turn}`, ...flags];
      return workshop.serve(plan.url(turn), ...own);
    };
    const running = await Promise.all([0, 1, 2].map((turn) => serve(turn)));
    expect(await statusOf(0)).toBeNull();
    const given = ["--secret-file", path, "--anonymous", "read"];
    for (const flags of [[...given, "--peer-auth", "accept"], given, [...given, "--peer-encryption"]]) {
      for (const turn of [0, 1, 2]) {
        await running[turn]?.kill("SIGTERM");
        running[turn] = await serve(turn, ...flags);
        await eventually(async () => (await fetch(`${plan.url(turn)}/readyz`)).ok);
      }
    }
    for (const turn of [0, 1, 2])
      expect(await statusOf(turn)).toMatchObject({ isEncrypted: true, unsealed: 0 });
  });

  test("change it one by one while they serve: SIGHUP reads the file again, and a wrong file changes nothing", async () => {
    const plan = new Plan(await freePorts(3));
    const next = newSecret();
    const path = await put("secret", `${secret}\n`);
    const flags = ["--persister", "memory", "--secret-file", path, "--anonymous", "read"];
    const started = [0, 1, 2].map((turn) => workshop.start("serve", ...plan.flags(turn), ...flags));
    await leaderOf(plan.urls);
    const lines = ({ stderr }: Durio, text: string) => stderr.split(text).length - 1;
    let replaced = 0;
    for (const step of [`${secret}\n${next}\n`, `${next}\n${secret}\n`, `${next}\n`]) {
      await put("secret", step);
      replaced++;
      for (const durio of started) {
        process.kill(durio.pid, "SIGHUP");
        await durio.until(() => lines(durio, "the new one is in use") === replaced);
        await leaderOf(plan.urls);
      }
    }
    await put("secret", "short\n");
    for (const durio of started) {
      process.kill(durio.pid, "SIGHUP");
      await durio.until(() => durio.stderr.includes("has 5 characters"));
      expect(durio.stderr).toContain("The one in use stays");
      expect(lines(durio, "audit.refused")).toBe(0);
      expect(durio.stderr).not.toContain("none of this replica's secrets");
    }
    await leaderOf(plan.urls);
  });
});
