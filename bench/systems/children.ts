import type { Subprocess } from "bun";

const ends = new Set<() => void>();

/** Starts a process that ends with this one, whatever ends it. Its complaints go where ours go. */
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
 * @param end to be done when this process ends, and at once
 * @returns takes that back
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
    // Processes before the directories that they write to.
    for (const end of [...ends].reverse()) end();
  });
  // A signal that nobody listens to ends a process without "exit".
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const [signal, code] of Object.entries(signals)) process.on(signal, () => process.exit(code));
}
