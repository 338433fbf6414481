import { describe, expect, test } from "vitest";
import { replicaId } from "../../src/raft/index.ts";
import { replyStatuses } from "../../src/rpc/envelope.ts";
import {
  type CallHeader,
  decodeCall,
  decodeHeader,
  decodeReply,
  encodeCall,
  encodeHeader,
  encodeReply,
  MalformedMessage,
  rpcLimits,
} from "../../src/rpc/index.ts";

const none = new Uint8Array();
const payload = Uint8Array.of(1, 2, 3);
const header: CallHeader = {
  clusterId: "c",
  group: 0,
  from: replicaId("n1"),
  to: replicaId("n2"),
  service: "raft",
  introduction: none,
};

function call(change: Partial<CallHeader> = {}): Uint8Array {
  return encodeCall({ header: encodeHeader({ ...header, ...change }), callId: 7, payload });
}

/** The same bytes up to an offset, then others. */
function changed(bytes: Uint8Array, at: number, ...others: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(others, at);
  return copy;
}

describe("a call", () => {
  test.each([0, 28, 40])(
    "is equal after encoding and decoding, with an introduction of %i bytes",
    (length) => {
      const introduction = new Uint8Array(length).fill(7);
      const parts = decodeCall(call({ introduction }));
      expect(parts).toMatchObject({ callId: 7, payload });
      expect(decodeHeader(parts.header)).toStrictEqual({ ...header, introduction });
    },
  );

  test("carries any group and any number, and names of any length", () => {
    const name = replicaId("a".repeat(32));
    const longest = { group: 2 ** 32 - 1, from: name, to: name, clusterId: name, service: name };
    const bytes = encodeHeader({ ...header, ...longest, introduction: new Uint8Array(40) });
    const parts = decodeCall(encodeCall({ header: bytes, callId: 2 ** 32 - 1, payload: none }));
    expect(parts.callId).toBe(2 ** 32 - 1);
    expect(parts.payload).toHaveLength(0);
    expect(decodeHeader(parts.header)).toMatchObject(longest);
    expect(bytes.length).toBeLessThan(256);
  });

  test("spends 20 bytes on the addresses of a small cluster, and 4 on its number", () => {
    expect(encodeHeader(header)).toHaveLength(20);
    expect(call()).toHaveLength(20 + 4 + payload.length);
  });

  test("fits into a message beside the largest payload", () => {
    const most = encodeHeader({
      ...header,
      clusterId: "a".repeat(32),
      introduction: new Uint8Array(40),
    });
    expect(rpcLimits.messageBytes - rpcLimits.payloadBytes).toBeGreaterThan(most.length + 3 * 32 + 4);
  });

  test.each([
    ["no bytes", none, "call: no bytes"],
    ["an older version", changed(call(), 0, 3), "version 3 of the protocol; this release reads 4 to 4"],
    ["a later version", changed(call(), 0, 5), "version 5 of the protocol"],
    [
      "a list in CBOR, as earlier builds sent it",
      changed(call(), 0, 0x88),
      "of the protocol; this release reads",
    ],
    ["a header that ends past it", changed(call(), 1, 255), "ends too early"],
    ["nothing but a version", Uint8Array.of(4), "ends too early"],
    ["a header and nothing else", encodeHeader(header), "ends too early"],
    ["more bytes than any may have", new Uint8Array(rpcLimits.messageBytes + 1), "at most"],
  ])("of %s is malformed", (_, bytes, problem) => {
    expect(() => decodeCall(bytes)).toThrow(problem);
    expect(() => decodeCall(bytes)).toThrow(MalformedMessage);
  });

  test.each([
    ["no length", encodeHeader(header).subarray(0, 1)],
    ["a sender that is no name", changed(encodeHeader(header), 3, 0x20)],
    ["an introduction of no length that there is", changed(encodeHeader(header), 19, 1)],
    ["an introduction cut short", changed(encodeHeader(header), 19, 28)],
    ["an introduction that does not end it", encodeHeader({ ...header, introduction: new Uint8Array(29) })],
    ["bytes that follow it", Uint8Array.of(...encodeHeader(header), 0)],
  ])("whose header is %s is malformed", (_, bytes) => {
    expect(() => decodeHeader(bytes)).toThrow(MalformedMessage);
  });

  test("that is cut short anywhere is malformed, in its header or as a whole", () => {
    const bytes = call({ introduction: new Uint8Array(28) });
    for (let length = 0; length < bytes.length - payload.length; length++) {
      const read = () => decodeHeader(decodeCall(bytes.subarray(0, length)).header);
      expect(read, `${length} bytes`).toThrow(MalformedMessage);
    }
  });

  test("in a Buffer has plain bytes for its parts", () => {
    const parts = decodeCall(Buffer.from(call()));
    expect(Object.getPrototypeOf(parts.payload)).toBe(Uint8Array.prototype);
  });
});

describe("an answer", () => {
  test.each(replyStatuses)("is equal after encoding and decoding: %s", (status) => {
    const answer = { status, callId: 7, introduction: new Uint8Array(28).fill(7), content: payload };
    expect(decodeReply(encodeReply(answer))).toStrictEqual(answer);
  });

  test.each([
    ["no bytes", none],
    ["another version", Uint8Array.of(2, 0, 0, 0, 0, 7, 0)],
    ["an unknown status", Uint8Array.of(3, 5, 0, 0, 0, 7, 0)],
    ["no number", Uint8Array.of(3, 0, 0, 0, 0)],
    ["an introduction of no length that there is", Uint8Array.of(3, 0, 0, 0, 0, 7, 1, 1)],
    ["an introduction cut short", Uint8Array.of(3, 0, 0, 0, 0, 7, 28, 1)],
    ["a call", call()],
    ["more bytes than any may have", new Uint8Array(rpcLimits.messageBytes + 1)],
  ])("of %s is malformed", (_, bytes) => {
    expect(() => decodeReply(bytes)).toThrow(MalformedMessage);
  });
});
