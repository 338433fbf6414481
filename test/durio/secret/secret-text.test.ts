import { expect, test } from "vitest";
import { newSecret, secretsIn } from "../../../src/durio/secret/secret-text.ts";

const [one, two] = [newSecret(), newSecret()];

function problem(text: string): string {
  const found = secretsIn(text, "./secret");
  return found.type === "unusable" ? found.problem : "none";
}

test("a new secret has 256 random bits, and a beginning that scanners find", () => {
  expect(one).toMatch(/^durio_secret_[\w-]{43}$/);
  expect(two).not.toBe(one);
});

test("secrets are one a line, in their order, without blank lines and comments", () => {
  const secrets = [one, two, "a secret of another program, long enough"];
  const text = `\uFEFF# for pi1 to pi3\n\n  ${secrets.join("\r\n")}  \n\n`;
  expect(secretsIn(text, "./secret")).toEqual({ type: "secrets", secrets });
});

test("what can't be a secret is refused with the reason and without the secret", () => {
  expect(problem("")).toBe("./secret contains no secret: durio secret new makes one");
  expect(problem("# only this\n")).toBe("./secret contains no secret: durio secret new makes one");
  expect(problem("hunter2")).toBe(
    "./secret has 7 characters, and a secret needs at least 32: durio secret new makes one",
  );
  expect(problem(`${one}\nhunter2\n`)).toContain("line 2 of ./secret has 7 characters");
  expect(problem(`${one}\n${two}\n${one}\n`)).toBe("line 3 of ./secret repeats line 1: remove one");
  const cut = problem(one.slice(0, -1));
  expect(cut).toContain("it has 55 characters, not 56; copy it again");
  expect(cut).not.toContain(one.slice(13, 30));
});
