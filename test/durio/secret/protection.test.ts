import { expect, test } from "vitest";
import { InvalidConfig } from "../../../src/durio/config/index.ts";
import { effectiveConfig, programConfig } from "../../../src/durio/read-config.ts";
import { exposedBy, protectionOf } from "../../../src/durio/secret/index.ts";
import { newSecret } from "../../../src/durio/secret/secret-text.ts";

type Given = Parameters<typeof programConfig>[0];

async function problem(given: Given, environment: Record<string, string> = {}): Promise<string | undefined> {
  try {
    await protectionOf(effectiveConfig(programConfig(given)), environment);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidConfig);
    return error instanceof InvalidConfig ? error.message : undefined;
  }
}

const secret = { DURIO_SECRET: newSecret() };

test("an address is on loopback only if every address of its name is", async () => {
  const names: Readonly<Record<string, readonly string[]>> = {
    localhost: ["127.0.0.1", "::1"],
    pi1: ["127.0.1.1"],
    both: ["127.0.0.1", "10.0.0.1"],
    "127.example.com": ["192.0.2.7"],
  };
  const resolve = async (name: string) => {
    const found = names[name];
    if (found === undefined) throw new Error("ENOTFOUND");
    return found.map((address) => ({ address }));
  };
  const isExposed = async (hostname: string) =>
    (await exposedBy([{ name: "--listen", hostname, port: 1 }], resolve)) !== undefined;
  for (const name of ["127.0.0.1", "127.9.9.9", "::1", "localhost", "pi1"])
    expect(await isExposed(name), name).toBe(false);
  const reached = ["0.0.0.0", "::", "10.0.0.1", "fe80::1", "both", "127.example.com", "unknown"];
  for (const name of reached) expect(await isExposed(name), name).toBe(true);
});

test("a replica that only this machine reaches needs no secret", async () => {
  expect(await problem({})).toBeUndefined();
  expect(await problem({ listen: "[::1]:9006", transport: "nats" })).toBeUndefined();
  const peers = { n1: "http://127.0.0.1:9006", n2: "http://10.0.0.2:9006" };
  expect(await problem({ peers })).toBeUndefined();
  expect(await problem({ natsUrl: "nats://10.0.0.9:4222" })).toBeUndefined();
});

test.each<[Given, string]>([
  [{ listen: "0.0.0.0:9006" }, "listen: 0.0.0.0:9006"],
  [{ listen: "[::]:9006" }, "listen: [::]:9006"],
  [{ peers: { n1: "http://10.0.0.1:9006" } }, "peers: 10.0.0.1:9006"],
  [{ peerListen: "10.0.0.1:9007" }, "peerListen: 10.0.0.1:9007"],
  [{ transport: "nats", natsUrl: "nats://me:pass@10.0.0.9" }, "natsUrl: 10.0.0.9:4222"],
])("one that other machines reach needs a secret: %o", async (given, address) => {
  expect(await problem(given)).toBe(
    [
      `${address} is reached from other machines, so the cluster needs a secret:`,
      "         durio secret new --out /etc/durio/secret      then   --secret-file /etc/durio/secret   on every replica",
      "       or --insecure where nobody else is on that network",
    ].join("\n"),
  );
  expect(await problem(given, secret)).toBeUndefined();
  expect(await problem({ ...given, insecure: true })).toBeUndefined();
});

test("settings that contradict each other are refused", async () => {
  expect(await problem({ insecure: true }, secret)).toContain("insecure: is for a cluster without a secret");
  expect(await problem({ peerEncryption: true, peerAuth: "accept" })).toBe(
    "peerEncryption: needs a secret: --secret-file FILE\npeerAuth: needs a secret: --secret-file FILE",
  );
});
