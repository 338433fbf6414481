import { inspect } from "node:util";
import { type PeerSeal, peerSeal } from "../../../adapters/seal/index.ts";
import type { SealedContent } from "../../../src/ports/index.ts";
import { assert } from "../../../src/testing/assert.ts";

const first = "durio_secret_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const second = "durio_secret_Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA";
const clusterId = "example";
const bound = Uint8Array.from({ length: 16 }, (_, at) => at);
const nothing = new Uint8Array(0);
const content = Uint8Array.of(1, 2, 3, 4, 5);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Made by Python's hmac and cryptography modules. */
const vectors = [
  [first, false, 80, "0102030405", "e74099230dcf0681898669196b433627"],
  [first, true, 80 + 128, "fd6fcfd520", "37de4c659d464a6e14cb93a14a8902ea"],
  [second, false, 45, "0102030405", "a4a12663d5fcd12d79b799a9457296a3"],
  [second, true, 45 + 128, "b6198cd4a4", "8083ef9e4919229564ab5cc5bd05ca4c"],
] as const;

const kinds = [
  ["authenticated", false],
  ["encrypted", true],
] as const;

/** The head of a reply. */
function headOf({ keyNumber }: { readonly keyNumber: number }): Uint8Array {
  const head = new Uint8Array(28);
  head.set([0xd2, 1, 1, keyNumber]);
  const numbers = new DataView(head.buffer);
  numbers.setBigUint64(4, 0x1122334455667n);
  numbers.setBigUint64(12, 0x8899aabbccdden);
  numbers.setBigUint64(20, 7n);
  return head;
}

function sealOf(secrets: readonly string[], encrypts = false): PeerSeal {
  return peerSeal({ secrets, clusterId, encrypts });
}

/** Whether `to` opens what `from` seals. */
function opens(from: PeerSeal, to: PeerSeal): boolean {
  const head = headOf(from);
  const opened = to.open(head, bound, from.seal(head, bound, content));
  assert(opened === undefined || hexOf(opened) === hexOf(content), "what is opened is what was sealed");
  return opened !== undefined;
}

/** Every copy of the bytes that differs in one bit. */
function flips(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: 8 * bytes.length }, (_, bit) =>
    bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
  );
}

/** A secret whose key has the same number as that of `first`, and another one. */
function twinOf(): string {
  const { keyNumber } = sealOf([first]);
  for (let at = 0; at < 10_000; at++) {
    const secret = `one of many secrets for this test: ${at}`;
    if (sealOf([secret]).keyNumber === keyNumber) return secret;
  }
  throw new Error("none of 10,000 keys has the number of the first");
}

function messageOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    assert(error instanceof RangeError, `a RangeError, not ${error}`);
    return error.message;
  }
  return "no error";
}

/** What holds for the seal on every runtime. */
export const sealCases: readonly { readonly name: string; run(): Promise<void> }[] = [
  ...vectors.map(([secret, encrypts, keyNumber, sealedContent, tag]) => ({
    name: `key ${keyNumber} seals the same bytes on every runtime`,
    async run() {
      const seal = sealOf([secret], encrypts);
      assert(seal.keyNumber === keyNumber, `the key's number is ${seal.keyNumber}`);
      const sealed = seal.seal(headOf(seal), bound, content);
      assert(hexOf(sealed.tag) === tag, `the tag is ${hexOf(sealed.tag)}`);
      assert(hexOf(sealed.content) === sealedContent, `the content is ${hexOf(sealed.content)}`);
      assert(opens(seal, sealOf([secret])), "it is opened, with or without encryption");
      assert(opens(seal, sealOf([secret], true)), "it is opened, with or without encryption");
    },
  })),
  ...kinds.flatMap(([kind, encrypts]) => [
    {
      name: `an ${kind} content of any length is opened`,
      async run() {
        const seal = sealOf([first], encrypts);
        for (const length of [0, 1, 15, 16, 17, 63, 64, 65, 4096, 1 << 20]) {
          const long = new Uint8Array(length).fill(length);
          const sealed = seal.seal(headOf(seal), nothing, long);
          assert(sealed.content.length === length && sealed.tag.length === 16, "lengths stay");
          const opened = seal.open(headOf(seal), nothing, sealed);
          assert(opened !== undefined && Buffer.compare(opened, long) === 0, `${length} bytes are opened`);
        }
      },
    },
    {
      name: `an ${kind} message with one changed bit is refused, in any field`,
      async run() {
        const seal = sealOf([first], encrypts);
        const head = headOf(seal);
        const sealed = seal.seal(head, bound, content);
        const refused = (h: Uint8Array, b: Uint8Array, s: SealedContent): void =>
          assert(seal.open(h, b, s) === undefined, `refused: ${hexOf(h)} ${hexOf(b)} ${hexOf(s.tag)}`);
        for (const changed of flips(head)) refused(changed, bound, sealed);
        for (const changed of flips(bound)) refused(head, changed, sealed);
        for (const tag of flips(sealed.tag)) refused(head, bound, { ...sealed, tag });
        for (const changed of flips(sealed.content)) refused(head, bound, { ...sealed, content: changed });
        refused(head, nothing, sealed);
        assert(seal.open(head, bound, sealed) !== undefined, "the unchanged one is opened");
      },
    },
    {
      name: `an ${kind} message with a tag of another length is refused`,
      async run() {
        const seal = sealOf([first], encrypts);
        const head = headOf(seal);
        const sealed = seal.seal(head, bound, content);
        for (const tag of [
          nothing,
          sealed.tag.subarray(0, 4),
          sealed.tag.subarray(0, 15),
          new Uint8Array(17),
        ])
          assert(seal.open(head, bound, { ...sealed, tag }) === undefined, `${tag.length} bytes are refused`);
      },
    },
    {
      name: `an ${kind} message of another secret or another cluster is refused`,
      async run() {
        const seal = sealOf([first], encrypts);
        assert(!opens(sealOf([second], encrypts), seal), "another secret");
        assert(!opens(peerSeal({ secrets: [first], clusterId: "other", encrypts }), seal), "another cluster");
      },
    },
    {
      name: `of two keys with the same number, each opens what it sealed (${kind})`,
      async run() {
        const other = twinOf();
        for (const secret of [first, other])
          assert(opens(sealOf([secret], encrypts), sealOf([first, other])), "opened by the right key");
        assert(!opens(sealOf([other], encrypts), sealOf([first])), "not by another with the same number");
      },
    },
    {
      name: `a secret is changed in three steps while ${kind} messages are sent`,
      async run() {
        const here = sealOf([first], encrypts);
        const there = sealOf([first], encrypts);
        for (const step of [[first, second], [second, first], [second]]) {
          for (const one of [here, there]) {
            one.use(step);
            assert(opens(here, there) && opens(there, here), "both sides open what the other sealed");
          }
        }
        assert(!opens(sealOf([first], encrypts), here), "the old secret opens nothing more");
      },
    },
  ]),
  {
    name: "an encrypted content is not readable, and differs with each number and each direction",
    async run() {
      const seal = sealOf([first], true);
      const seen = new Set<string>();
      for (const at of [11, 19, 27]) {
        const head = headOf(seal);
        head[at] = 0;
        seen.add(hexOf(seal.seal(head, bound, content).content));
      }
      seen.add(hexOf(seal.seal(headOf(seal), bound, content).content));
      assert(seen.size === 4 && !seen.has(hexOf(content)), "four different contents");
    },
  },
  {
    name: "more pairs of processes than subkeys are kept are all opened",
    async run() {
      const seal = sealOf([first], true);
      const heads = Array.from({ length: 200 }, (_, at) => {
        const head = headOf(seal);
        head[11] = at;
        return head;
      });
      const sealed = heads.map((head) => seal.seal(head, bound, content));
      for (const [at, head] of heads.entries()) {
        const one = sealed[at];
        assert(one !== undefined && sealOf([first]).open(head, bound, one) !== undefined, "opened");
      }
    },
  },
  {
    name: "the numbers of processes are random, 1 to 2^53 - 1",
    async run() {
      const seal = sealOf([first]);
      const boots = Array.from({ length: 200 }, () => seal.newBoot());
      assert(
        boots.every((boot) => Number.isSafeInteger(boot) && boot > 0),
        "safe integers",
      );
      assert(new Set(boots).size === boots.length, "all different");
      assert(
        boots.some((boot) => boot > 2 ** 52),
        "of 53 bits",
      );
    },
  },
  {
    name: "a secret that is too short is refused without naming it, and the present ones stay",
    async run() {
      const seal = sealOf([first]);
      const short = "hunter2";
      const message = messageOf(() => seal.use([second, short]));
      assert(message === "secrets[1] has 7 characters, and needs at least 32", message);
      assert(messageOf(() => sealOf([])) === "secrets is empty, and needs at least one secret", "no secret");
      assert(opens(seal, sealOf([first])), "the present secret seals");
    },
  },
  {
    name: "a seal that is printed shows no secret",
    async run() {
      const text = inspect(sealOf([first, second]), { depth: 20, showHidden: true });
      assert(!text.includes("AAECAwQ") && !text.includes("durio_secret"), text);
    },
  },
];
