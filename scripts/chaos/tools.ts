import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What some faults are made with, and what is left out if it is missing. */
export const tools = {
  namespaces: "partitions in network namespaces, and the certain end of everything (unshare, ip)",
  fuse: "loss of power, failing, slow, hanging and full disks (/dev/fuse)",
  faketime: "jumps of the wall clock (libfaketime)",
  strace: "failing and slow syncs on a file system of the kernel (strace)",
  nats: "everything over NATS (nats-server)",
} as const;

export type ToolName = keyof typeof tools;

/** The runtimes of the matrix. Node runs what was built, the others run the sources. */
export const runtimes = ["bun", "node", "deno"] as const;
export type RuntimeName = (typeof runtimes)[number];

const faketimeNames = ["/usr/lib", "/usr/lib64", "/usr/local/lib"];

export function inProject(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Which tools work here. */
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

/** Set in the process that runs in namespaces of its own. */
export const INSIDE = "RUAFT_CHAOS_INSIDE";

/** Set to do without namespaces, as where there can be none. */
const NO_NAMESPACES = "RUAFT_CHAOS_NO_NAMESPACES";

export function isInside(): boolean {
  return process.env[INSIDE] !== undefined;
}

/** What runs a command in namespaces that end with it: of processes, mounts and the network. */
export function unshare(command: readonly string[]): readonly string[] {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const kinds = ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"];
  return ["unshare", ...user, ...kinds, ...command];
}

/** What runs a command that is killed when the process that started it ends; nothing if there is no such thing. */
export function endsWithParent(): readonly string[] {
  const command = ["setpriv", "--pdeathsig", "SIGKILL"];
  return runs(command, "true") ? command : [];
}

/** The library that fakes wall clocks; undefined if it is not installed. */
export function faketimeLibrary(): string | undefined {
  const architectures = faketimeNames.flatMap((folder) =>
    existsSync(folder) ? [folder, ...readdirSync(folder).map((name) => `${folder}/${name}`)] : [],
  );
  return architectures
    .map((folder) => `${folder}/faketime/libfaketimeMT.so.1`)
    .find((library) => existsSync(library));
}

/** Debian keeps it where only root looks. */
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
