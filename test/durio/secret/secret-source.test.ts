import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClusterSecret } from "../../../src/durio/secret/index.ts";
import { secretSource } from "../../../src/durio/secret/secret-source.ts";
import { newSecret } from "../../../src/durio/secret/secret-text.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "durio-secret-"));
  path = join(directory, "secret");
});
afterEach(() => rm(directory, { recursive: true }));

const secret = newSecret();

async function put(file: string, mode: number, text = secret): Promise<void> {
  await writeFile(file, `${text}\n`);
  await chmod(file, mode);
}

async function read(file: string | undefined, environment: Record<string, string> = {}): Promise<unknown> {
  const found = await secretSource(file, environment)?.read();
  return found?.type === "unusable" ? found.problem : found?.secrets;
}

describe("a file with the secret", () => {
  test.each([0o600, 0o400, 0o700])("is read if only its owner may: %o", async (mode) => {
    await put(path, mode);
    expect(await read(path)).toEqual([secret]);
  });

  test.each([0o640, 0o604, 0o644, 0o620, 0o602, 0o777, 0o601])(
    "is refused if others may read or change it: %o",
    async (mode) => {
      await put(path, mode);
      expect(await read(path)).toBe(`${path} can be read by others: chmod 600 ${path}`);
    },
  );

  test("is judged behind a link by the permissions of the file, not by those of the link", async () => {
    await symlink(path, join(directory, "link"));
    await put(path, 0o644);
    expect(await read(join(directory, "link"))).toContain("can be read by others: chmod 600");
    await chmod(path, 0o600);
    expect(await read(join(directory, "link"))).toEqual([secret]);
  });

  test("that is absent, a directory or far too large is refused with what to do", async () => {
    expect(await read(path)).toContain(`${path} does not exist: durio secret new --out ${path}`);
    expect(await read(directory)).toBe(`${directory} is not a file: name a file with a secret`);
    await put(path, 0o600, "x".repeat(70_000));
    expect(await read(path)).toBe(`${path} has 70001 bytes, and a file of secrets at most 65536`);
  });
});

describe("secrets that are changed", () => {
  const cluster = { clusterId: "c", peerEncryption: false };

  async function opened(environment: Record<string, string> = {}): Promise<ClusterSecret> {
    const source = secretSource("DURIO_SECRET" in environment ? undefined : path, environment);
    if (source === undefined) throw new Error("no source");
    return ClusterSecret.open(source, cluster);
  }

  test("are in the file, which still only its owner may read, and in use", async () => {
    await put(join(directory, "target"), 0o600);
    await symlink(join(directory, "target"), path);
    const own = await opened();
    const before = own.seal.keyNumber;
    const secrets = [newSecret(), newSecret(), secret];
    await own.change(secrets);
    expect(own.secrets).toEqual(secrets);
    expect(await read(path)).toEqual(secrets);
    expect((await readdir(directory)).sort()).toEqual(["secret", "target"]);
    await own.change([secret]);
    expect(own.seal.keyNumber).toBe(before);
    await own.reload();
    expect(own.secrets).toEqual([secret]);
  });

  test("stay as they are if the file can't be used", async () => {
    await put(path, 0o600);
    const own = await opened();
    await put(path, 0o600, "short");
    await expect(own.reload()).rejects.toThrow("has 5 characters");
    expect(own.secrets).toEqual([secret]);
  });

  test("can't be those of a variable", async () => {
    const own = await opened({ DURIO_SECRET: secret });
    expect(own.fixedBecause).toBe("DURIO_SECRET can't be changed while durio runs: use --secret-file");
    await expect(own.change([newSecret()])).rejects.toThrow("use --secret-file");
    expect(own.secrets).toEqual([secret]);
  });
});

describe("the source of the secret", () => {
  test("is the file that was named, else DURIO_SECRET, else the credential of systemd", async () => {
    const [named, variable, credential] = [newSecret(), newSecret(), newSecret()];
    await put(path, 0o600, named);
    await mkdir(join(directory, "credentials"));
    await put(join(directory, "credentials", "secret"), 0o400, credential);
    const systemd = { CREDENTIALS_DIRECTORY: join(directory, "credentials") };
    expect(await read(path, { ...systemd, DURIO_SECRET: variable })).toEqual([named]);
    expect(await read(undefined, { ...systemd, DURIO_SECRET: variable })).toEqual([variable]);
    expect(await read(undefined, systemd)).toEqual([credential]);
    expect(await read(undefined, { CREDENTIALS_DIRECTORY: directory, DURIO_SECRET: variable })).toEqual([
      variable,
    ]);
    expect(secretSource(undefined, {})).toBeUndefined();
    expect(secretSource(undefined, { CREDENTIALS_DIRECTORY: join(directory, "none") })).toBeUndefined();
  });

  test("may be a credential that the group may read: systemd shows its access list that way", async () => {
    await put(path, 0o440);
    expect(await read(undefined, { CREDENTIALS_DIRECTORY: directory })).toEqual([secret]);
    await chmod(path, 0o444);
    expect(await read(undefined, { CREDENTIALS_DIRECTORY: directory })).toContain("can be read by others");
  });

  test("is a mistake if the variable has a path, or a text that is too short", async () => {
    await put(path, 0o600);
    expect(await read(undefined, { DURIO_SECRET: path })).toContain("set DURIO_SECRET_FILE to that path");
    expect(await read(undefined, { DURIO_SECRET: "" })).toBe(
      "DURIO_SECRET contains no secret: durio secret new makes one",
    );
  });
});
