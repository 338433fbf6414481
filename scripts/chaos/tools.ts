import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The tools that some faults need. Faults without their tool are skipped. */
export const tools = {
  namespaces: "partitions in network namespaces, and the certain end of everything (unshare, ip)",
  fuse: "loss of power, failing, slow, hanging and full disks (/dev/fuse)",
  faketime: "jumps of the wall clock (libfaketime)",
  strace: "failing and slow syncs on a file system of the kernel (strace)",
  nats: "everything over NATS (nats-server)",
} as const;

export type ToolName = keyof typeof tools;

/** The runtimes of the matrix. Node runs the build, the others run the sources. */
export const runtimes = ["bun", "node", "deno"] as const;
export type RuntimeName = (typeof runtimes)[number];

const faketimeNames = ["/usr/lib", "/usr/lib64", "/usr/local/lib"];

export function inProject(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Returns the tools that work on this machine. */
export function toolsHere(): Set<ToolName> {
  const here = new Set<ToolName>();
  if (isInside() || (process.env[NO_NAMESPACES] === undefined && runs(unshare([]), "ip", "-V")))
    here.add("namespaces");
  if (here.has("namespaces") && existsSync("/dev/fuse") && mountsFuse()) here.add("fuse");
  if (faketimeLibrary() !== undefined) here.add("faketime");
  if (runs("strace", "-qq", "-o", "/dev/null", "true")) here.add("strace");
  if (runs(natsServer(), "--version")) here.add("nats");
  return here;
}

/** Set in the process that runs in its own namespaces. */
export const INSIDE = "RUAFT_CHAOS_INSIDE";

/** Set to disable namespaces. */
const NO_NAMESPACES = "RUAFT_CHAOS_NO_NAMESPACES";

export function isInside(): boolean {
  return process.env[INSIDE] !== undefined;
}

/** Returns a command prefix with its own namespaces for processes, mounts and the network, which end with it. */
export function unshare(command: readonly string[]): readonly string[] {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const kinds = ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"];
  return ["unshare", ...user, ...kinds, ...command];
}

/** Returns a command prefix that kills the command when its parent ends, or nothing if there is no such tool. */
export function endsWithParent(): readonly string[] {
  const command = ["setpriv", "--pdeathsig", "SIGKILL"];
  return runs(command, "true") ? command : [];
}

/** Returns the library that fakes wall clocks, or undefined if it is not installed. */
export function faketimeLibrary(): string | undefined {
  const architectures = faketimeNames.flatMap((folder) =>
    existsSync(folder) ? [folder, ...readdirSync(folder).map((name) => `${folder}/${name}`)] : [],
  );
  return architectures
    .map((folder) => `${folder}/faketime/libfaketimeMT.so.1`)
    .find((library) => existsSync(library));
}

/** Debian installs it outside a user's PATH. */
export function natsServer(): string {
  const places = ["/usr/sbin/nats-server", "/usr/local/sbin/nats-server"];
  return places.find((place) => existsSync(place)) ?? "nats-server";
}

function mountsFuse(): boolean {
  return isInside() || runs(unshare([]), "sh", "-c", "mount -t tmpfs tmpfs /run && test -w /dev/fuse");
}

function runs(program: string | readonly string[], ...args: readonly string[]): boolean {
  const [command = "", ...first] = typeof program === "string" ? [program] : program;
  return spawnSync(command, [...first, ...args], { stdio: "ignore" }).status === 0;
}
