/** What a traced process did to its files, and what it said meanwhile. */
export type TraceEvent =
  | { readonly type: "open"; readonly fd: number; readonly path: string; readonly flags: string }
  | { readonly type: "close"; readonly fd: number }
  | {
      readonly type: "write";
      readonly fd: number;
      readonly bytes: Uint8Array;
      readonly offset: number | undefined;
    }
  | { readonly type: "truncate"; readonly fd: number; readonly size: number }
  | { readonly type: "sync"; readonly fd: number }
  | { readonly type: "rename" | "link"; readonly from: string; readonly to: string }
  | { readonly type: "unlink" | "mkdir"; readonly path: string }
  /** A call that may change a file in a way that is not modelled. */
  | { readonly type: "other"; readonly name: string; readonly fd: number };

/** The options of strace whose output `parseTrace` reads. */
export const straceOptions: readonly string[] = [
  ...["-f", "-qq", "-xx", "-s", "16777216"],
  "-e",
  "trace=openat,open,creat,close,pwrite64,pwritev,pwritev2,write,writev,ftruncate,fallocate,fsync,fdatasync," +
    "sync_file_range,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,dup,dup2,dup3,msync",
];

/**
 * Reads the output of strace. A call that another thread interrupted takes effect when it is resumed; one that never
 * returned had no effect.
 */
export function parseTrace(text: string): TraceEvent[] {
  const unfinished = new Map<string, string>();
  const events: TraceEvent[] = [];
  for (const line of text.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(rest)?.[1];
    if (begun !== undefined) {
      unfinished.set(thread, begun);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    const call = resumed === undefined ? rest : (unfinished.get(thread) ?? "") + resumed;
    const event = eventOf(call);
    if (event) events.push(event);
  }
  return events;
}

function eventOf(call: string): TraceEvent | undefined {
  const [, name = "", argumentText = "", result = ""] = /^(\w+)\((.*)\) += (-?\d+|\?)/.exec(call) ?? [];
  if (name === "" || result === "?" || Number(result) < 0) return undefined;
  // All strings are in hexadecimal, so that no comma is part of one.
  const values = argumentText.split(", ");
  const [first = "", second = "", third = "", fourth = ""] = values;
  switch (name) {
    case "open":
      return { type: "open", fd: Number(result), path: textOf(first), flags: second };
    case "openat":
      return { type: "open", fd: Number(result), path: textOf(second), flags: third };
    case "close":
      return { type: "close", fd: Number(first) };
    case "write":
    case "pwrite64":
      return {
        type: "write",
        fd: Number(first),
        bytes: bytesOf(second).subarray(0, Number(result)),
        offset: name === "write" ? undefined : Number(fourth),
      };
    case "ftruncate":
      return { type: "truncate", fd: Number(first), size: Number(second) };
    case "fsync":
    case "fdatasync":
      return { type: "sync", fd: Number(first) };
    case "rename":
    case "link":
      return { type: name, from: textOf(first), to: textOf(second) };
    case "renameat":
    case "renameat2":
    case "linkat":
      return { type: name === "linkat" ? "link" : "rename", from: textOf(second), to: textOf(fourth) };
    case "unlink":
    case "mkdir":
      return { type: name, path: textOf(first) };
    case "unlinkat":
    case "mkdirat":
      return { type: name === "mkdirat" ? "mkdir" : "unlink", path: textOf(second) };
    default:
      return { type: "other", name, fd: Number(first) };
  }
}

function textOf(quoted: string): string {
  return new TextDecoder().decode(bytesOf(quoted));
}

function bytesOf(quoted: string): Uint8Array {
  if (quoted.endsWith("...")) throw new Error("strace cut a string off");
  const digits = quoted.replace(/^"|"$/g, "").replaceAll("\\x", "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16),
  );
}
