import { afterAll } from "vitest";

const lines: string[] = [];

/** Adds a line to the report at the end of a test file, if LAB_REPORT is set. */
export function reportLine(line: string): void {
  lines.push(line);
}

/** Adds lines that are known only at the end. */
export function reportAtEnd(more: () => Iterable<string>): void {
  afterAll(() => {
    lines.push(...more());
  });
}

// The first registered hook of a file runs last.
afterAll(() => {
  if (process.env.LAB_REPORT !== undefined && lines.length > 0) console.log(lines.join("\n"));
});
