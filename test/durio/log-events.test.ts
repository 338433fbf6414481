import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface LoggerCall {
  readonly file: string;
  readonly text: string;
}

const folders = ["src", "transports", "adapters"];

/** Every call that logs more than a detail for developers, with its arguments. */
function loggerCalls(): LoggerCall[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name}`)
      .filter((file) => file.endsWith(".ts") && !file.startsWith("src/testing/"))
      .flatMap((file) => callsIn(file, readFileSync(file, "utf8"))),
  );
}

function callsIn(file: string, source: string): LoggerCall[] {
  return [...source.matchAll(/logger\??\.(?:info|warn|error)\(/g)].map(({ index }) => ({
    file,
    text: argumentsAt(source, source.indexOf("(", index)),
  }));
}

/** From an opening parenthesis to the one that closes it. */
function argumentsAt(source: string, start: number): string {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source[at] === "(") depth++;
    if (source[at] === ")") depth--;
    if (depth === 0) return source.slice(start, at + 1);
  }
  throw new Error("a call that does not end");
}

const eventOf = ({ text }: LoggerCall): string | undefined => /\bevent: "(\w+\.\w+)"/.exec(text)?.[1];
const calls = loggerCalls();

test("every line of the log has the name of an event", () => {
  expect(calls.length).toBeGreaterThan(30);
  expect(calls.filter((call) => eventOf(call) === undefined)).toEqual([]);
});

test("docs/log.md lists every event, and no other", () => {
  const listed = [...readFileSync("docs/log.md", "utf8").matchAll(/^\| `(\w+\.\w+)` \|/gm)].map(
    ([, event]) => event,
  );
  expect(listed).toEqual([...new Set(calls.map(eventOf))].sort());
});
