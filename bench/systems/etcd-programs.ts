import { findGoProgram } from "./go-programs.ts";

/** A version of etcd that is installed or built. */
export interface EtcdProgram {
  /** With its version, such as `etcd 3.4`. */
  readonly name: string;
  /** Such as `3.4.23`. */
  readonly version: string;
  readonly path: string;
}

/** Debian installs servers outside a user's PATH. */
const installed = Bun.which("etcd", { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` }) ?? undefined;

/** The installed version and the newest one, which `npm run setup` builds. Oldest first, each version once. */
export const etcdPrograms: readonly EtcdProgram[] = programsAt([installed, findGoProgram("etcd")]);

/** The newest of them. */
export const newestEtcd: EtcdProgram | undefined = etcdPrograms.at(-1);

/** The program that loads etcd through its own client. Undefined if it is not built. */
export const etcdLoad: string | undefined = findGoProgram("etcd-load");

function programsAt(paths: readonly (string | undefined)[]): readonly EtcdProgram[] {
  const found = new Map<string, EtcdProgram>();
  for (const path of paths) {
    const version = path === undefined ? undefined : versionOf(path);
    if (path === undefined || version === undefined) continue;
    const name = `etcd ${version.split(".").slice(0, 2).join(".")}`;
    found.set(name, { name, version, path });
  }
  return [...found.values()].sort((a, b) => Bun.semver.order(a.version, b.version));
}

function versionOf(path: string): string | undefined {
  const { stdout } = Bun.spawnSync([path, "--version"]);
  return /^etcd Version: (\S+)/m.exec(stdout.toString())?.[1];
}
