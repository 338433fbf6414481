import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const source = new URL("../etcd-load/", import.meta.url).pathname;
/** The directory of Debian's golang-etcd-server-dev. */
const libraries = "/usr/share/gocode";

/** Debian's Go first, because its libraries are made for it. */
export const goProgram: string | undefined = findGo();

function findGo(): string | undefined {
  const debians = existsSync("/usr/lib")
    ? readdirSync("/usr/lib").filter((name) => /^go(-[\d.]+)?$/.test(name))
    : [];
  const found = debians.sort().map((name) => join("/usr/lib", name, "bin/go"));
  return found.find((path) => existsSync(path)) ?? Bun.which("go") ?? undefined;
}

export const etcdClientIsHere: boolean =
  goProgram !== undefined && existsSync(join(libraries, "src/go.etcd.io/etcd/clientv3"));

/** Returns the program that loads etcd through etcd's own client. Builds it if its source is newer. */
export async function etcdClient(): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for (const name of readdirSync(source).sort()) hash.update(await Bun.file(join(source, name)).bytes());
  const directory = join(tmpdir(), "durio-bench-etcd-load");
  const program = join(directory, hash.digest("hex").slice(0, 16));
  if (!existsSync(program)) await build(directory, program);
  return program;
}

async function build(directory: string, program: string): Promise<void> {
  console.error("building the load for etcd (bench/etcd-load), once");
  await mkdir(directory, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const build = Bun.spawn([goProgram ?? "go", "build", "-o", unfinished, "."], {
    cwd: source,
    env: { ...process.env, GO111MODULE: "off", GOPATH: libraries, GOFLAGS: "" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await build.exited) !== 0) throw new Error(`bench/etcd-load: go build ended with ${build.exitCode}`);
  await rename(unfinished, program);
}
