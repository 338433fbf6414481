import { cpus, release, tmpdir, totalmem, type } from "node:os";
import { $ } from "bun";
import { version } from "../src/durio/index.ts";
import { etcdPrograms } from "./systems/etcd-programs.ts";

/** The machine on which the figures were measured. */
export interface Environment {
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** The data directory and its file system. */
  readonly data: string;
}

export async function environment(): Promise<Environment> {
  const fileSystem = await firstLine($`stat -f -c %T ${tmpdir()}`);
  return {
    system: `${type()} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    data: fileSystem === undefined ? tmpdir() : `${tmpdir()} on ${fileSystem}`,
  };
}

/** Returns the versions of all programs involved, without missing ones. */
export async function versions(): Promise<Readonly<Record<string, string>>> {
  const found = {
    durio: version,
    bun: Bun.version,
    etcd: etcdPrograms.map(({ version }) => version).join(", "),
    nats: await firstLine($`nats-server --version`),
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => !!entry[1]));
}

async function firstLine(command: $.ShellPromise): Promise<string | undefined> {
  const { exitCode, stdout } = await command.quiet().nothrow();
  return exitCode === 0 ? stdout.toString().split("\n")[0] : undefined;
}
