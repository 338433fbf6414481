const script = new URL("../go-programs.sh", import.meta.url).pathname;

/** A program in Go; `bench/go-programs.sh` builds it. */
export type GoProgram = "etcd" | "etcd-load" | "nats-server";

/** Returns the path of a program, or undefined if it is not built. */
export function findGoProgram(name: GoProgram): string | undefined {
  const { exitCode, stdout } = Bun.spawnSync([script, "find", name]);
  return exitCode === 0 ? stdout.toString().trim() : undefined;
}

/** Builds a program if it is not built yet, and returns its path; undefined if that fails. Its errors go to stderr. */
export async function buildGoProgram(name: GoProgram): Promise<string | undefined> {
  const build = Bun.spawn([script, "build", name], { stdio: ["ignore", "pipe", "inherit"] });
  const path = (await new Response(build.stdout).text()).trim();
  return (await build.exited) === 0 ? path : undefined;
}
