import { spawnSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runtimes } from "../../scripts/runtimes/matrix.ts";
import { eventually, freePorts, leaderOf, read, Workshop, write } from "../durio/processes.ts";

/** The address of these tests' name server, which never answers. */
const address = "127.53.53.53";

/** Runs a program with some of the system's files replaced. */
function withFiles(files: Readonly<Record<string, string>>, ...program: string[]): string[] {
  const mounts = Object.entries(files).map(([target, file]) => `mount --bind ${file} ${target}`);
  return ["unshare", "--mount", "sh", "-c", `${[...mounts, 'exec "$@"'].join(" && ")}`, "sh", ...program];
}

const canMount = (() => {
  const [command = "", ...args] = withFiles({ "/etc/resolv.conf": "/etc/hosts" }, "true");
  return spawnSync(command, args).status === 0;
})();

describe.skipIf(!canMount)(`a name server that hangs${canMount ? "" : ": needs the right to mount"}`, () => {
  let workshop: Workshop;
  let nameServer: Socket;
  const questions: string[] = [];
  beforeEach(async () => {
    workshop = await Workshop.open();
    questions.length = 0;
    nameServer = createSocket("udp4", (question) => questions.push(question.toString("latin1")));
    nameServer.bind(53, address);
    await once(nameServer, "listening");
  });
  afterEach(async () => {
    await workshop[Symbol.asyncDispose]();
    nameServer.close();
  });

  test.each(runtimes)(
    "on %s keeps no replica from starting, and those that can be found go on: they elect, write, sync and compact (O14)",
    async (runtime) => {
      const ports = await freePorts(3);
      const urls = ports.map((port) => `http://127.0.0.1:${port}`);
      const peers = (host: (turn: number) => string) =>
        ports.map((port, turn) => `n${turn + 1}=http://${host(turn)}:${port}`).join();
      const start = (turn: number, under: readonly string[], named: string) =>
        workshop.serveWith(
          { runtime, under },
          urls[turn] ?? "",
          ...["--id", `n${turn + 1}`, "--peers", named, "--listen", `127.0.0.1:${ports[turn]}`],
          ...["--compact-log-mib", "1", "--request-timeout-ms", "60000"],
        );
      const first = await Promise.all(
        [0, 1, 2].map((turn) =>
          start(
            turn,
            [],
            peers(() => "127.0.0.1"),
          ),
        ),
      );
      await leaderOf(urls);
      expect((await write(urls[0] ?? "", "put", "before", "v")).status).toBe(200);
      await Promise.all(first.map((replica) => replica.kill("SIGKILL")));

      // The names of n1 and n2 are in the hosts file. n3's name has to be looked up, and each lookup takes long.
      const hosts = join(workshop.directory, "hosts");
      writeFileSync(hosts, "127.0.0.1 localhost n1.durio.test n2.durio.test\n");
      const resolver = join(workshop.directory, "resolv.conf");
      writeFileSync(resolver, `nameserver ${address}\noptions timeout:30 attempts:5\n`);
      const under = withFiles({ "/etc/hosts": hosts, "/etc/resolv.conf": resolver });
      const named = peers((turn) => `n${turn + 1}.durio.test`);
      const second = await Promise.all([0, 1].map((turn) => start(turn, under, named)));
      const leader = await leaderOf(urls.slice(0, 2));
      await eventually(() => questions.some((question) => question.includes("durio")));

      const value = "v".repeat(64 * 1024);
      for (let turn = 0; turn < 60; turn++) {
        expect((await write(urls[turn % 2] ?? "", "put", `k${turn % 4}`, value)).status).toBe(200);
      }
      for (const url of urls.slice(0, 2)) expect(await read(url, "before")).toBe("v");
      await eventually(async () => {
        const status = await (await fetch(`${urls[leader]}/status`)).json();
        return status.snapshotIndex > 0;
      });
      expect(await leaderOf(urls.slice(0, 2))).toBe(leader);
      // A stop does not wait for the name server, either. An exit of Node would.
      const inOrder = runtime === "node" ? { code: null, signal: "SIGTERM" } : { code: 0, signal: null };
      for (const replica of second) {
        expect(await replica.kill("SIGTERM")).toEqual(inOrder);
        expect(replica.stderr).toContain("stopped");
        expect(replica.stderr).not.toContain("by force");
      }
    },
  );
});
