import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { house } from "./house.ts";
import { root } from "./source-files.ts";

const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
/** The block in which each folder has a line that begins with its number. */
const [, drawn = ""] = /^```\n( +1 +2 +3 .*?)^```$/ms.exec(page) ?? [];

/** Returns the picture of the table, with its folders in this order. */
function matrixOf(folders: readonly string[]): string {
  const names = Math.max(...folders.map(({ length }) => length));
  const cell = (text: string | number) => String(text).padStart(3);
  const head = " ".repeat(3 + names) + folders.map((_, at) => cell(at + 1)).join("");
  const rows = folders.map((folder, row) => {
    const cells = folders.map((other, column) =>
      cell(row === column ? "■" : house[folder]?.includes(other) ? "●" : ""),
    );
    return `${String(row + 1).padStart(2)} ${folder.padEnd(names)}${cells.join("")}`.trimEnd();
  });
  return [head, ...rows, ""].join("\n");
}

describe("the picture of the architecture", () => {
  const folders = [...drawn.matchAll(/^ *\d+ (\S*\/\S*|src)(?= )/gm)].map(([, folder = ""]) => folder);

  test("has each folder of the table, and each arrow", () => {
    expect([...folders].sort()).toEqual(Object.keys(house).sort());
    expect(drawn).toBe(matrixOf(folders));
  });

  test("has no arrow upwards", () => {
    const upwards = folders.flatMap((folder, row) =>
      folders
        .slice(0, row)
        .filter((other) => house[folder]?.includes(other))
        .map((other) => `${folder} > ${other}`),
    );
    expect(upwards).toEqual([]);
  });
});
