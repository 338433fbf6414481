import type { Subprocess } from "bun";

const ends = new Set<() => void>();

/** Starts a process that ends with this one, however this one ends. Its stderr goes to ours. */
export function spawnChild<Out extends "ignore" | "pipe" = "ignore">(
  command: readonly string[],
  stdout?: Out,
): Subprocess<"ignore", Out, "inherit"> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: stdout ?? ("ignore" as Out),
    stderr: "inherit",
  });
  const forget = atEnd(() => child.kill("SIGKILL"));
  child.exited.then(forget);
  return child;
}

/**
 * @param end synchronous work for when this process ends
 * @returns cancels it
 */
export function atEnd(end: () => void): () => void {
  watch();
  ends.add(end);
  return () => ends.delete(end);
}

let watching = false;

function watch(): void {
  if (watching) return;
  watching = true;
  process.on("exit", () => {
    // In reverse order: processes before their directories.
    for (const end of [...ends].reverse()) end();
  });
  // A signal without a listener ends a process without "exit".
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const [signal, code] of Object.entries(signals)) process.on(signal, () => process.exit(code));
}
