import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { eventually, freePorts, Workshop } from "./processes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let workshop: Workshop;
let program: string;

/* The program that `npm run compile` makes, in another place. */
beforeAll(async () => {
  workshop = await Workshop.open();
  program = join(workshop.directory, "durio");
  const [, ...words] = manifest.scripts.compile.replace("dist/durio", program).split(" ");
  await promisify(execFile)(join(root, "node_modules/.bin/bun"), words, { cwd: root });
});
afterAll(() => workshop[Symbol.asyncDispose]());

test("starting in a directory runs no code and reads no environment file there", async () => {
  await writeFile(join(workshop.directory, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
  await writeFile(join(workshop.directory, "preload.ts"), 'console.log("code of the directory");\n');
  await writeFile(join(workshop.directory, "durio.config.ts"), 'console.log("code of the directory");\n');
  await writeFile(join(workshop.directory, ".env"), "DURIO_ID=n9\n");
  const { stdout } = await promisify(execFile)(program, ["config"], { cwd: workshop.directory });
  expect(stdout).not.toContain("code of the directory");
  expect(stdout).toMatch(/^id +n1 +default$/m);
});

test("dev runs its replicas by the program itself", async () => {
  const ports = await freePorts(3);
  const flags = ["dev", "--exit-with-parent", "--persister", "bun-sqlite", "--port", `${ports[0]}`];
  const dev = spawn(program, flags, { cwd: workshop.directory, stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(dev, "exit");
  let output = "";
  dev.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await eventually(() => output.includes("Try, each on another replica") || dev.exitCode !== null);
  dev.stdin.end();
  expect(await exited).toEqual([0, null]);
  expect(output).toContain("leads");
});
