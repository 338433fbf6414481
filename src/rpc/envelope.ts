import type { ReplicaId } from "../raft/index.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter, NAME_BYTES } from "./byte-writer.ts";
import { useHeadSpace } from "./head-space.ts";
import { INTRODUCTION_BYTES, isIntroductionLength } from "./introduction.ts";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";

/** The versions of the envelope that this release reads. It writes the newest. */
const versions = { oldest: 4, newest: 4 } as const;

/** The Raft group of all messages. The field is reserved for several groups in one cluster. */
export const GROUP = 0;

/** The part of a call before its payload. It is the same in all calls of one replica to one service of another. */
export interface CallHeader {
  /** The cluster of both. */
  readonly clusterId: string;
  /** The Raft group: {@link GROUP}. */
  readonly group: number;
  /** The caller. */
  readonly from: ReplicaId;
  /** The receiver. */
  readonly to: ReplicaId;
  /** The service that the payload is for. */
  readonly service: string;
  /** The sender's introduction as bytes; empty without one. */
  readonly introduction: Uint8Array;
}

/** An encoded call, as views on its bytes. */
export interface Call {
  /** See `decodeHeader`. */
  readonly header: Uint8Array;
  /** The caller's number of this call, 1 to 2^32 - 1. Its reply has the same. */
  readonly callId: number;
  /** The service's request. */
  readonly payload: Uint8Array;
}

const headerBytes = 2 + 4 + 4 * NAME_BYTES + 1 + INTRODUCTION_BYTES;
const callIdBytes = 4;

/**
 * Encodes a header: version, length of the header, sender, service, receiver, cluster, group, introduction. The fields
 * that differ between headers come first, so that comparing two headers ends early.
 *
 * @param header names of 1 to 32 characters
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { encodeHeader, GROUP } from "ruaft/rpc";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * const header = encodeHeader({
 *   clusterId: "example",
 *   group: GROUP,
 *   from: n1,
 *   to: n2,
 *   service: "echo",
 *   introduction: new Uint8Array(),
 * });
 * console.log(header[0]); // 4
 * ```
 */
export function encodeHeader(header: CallHeader): Uint8Array {
  const { introduction } = header;
  const writer = new ByteWriter(headerBytes);
  writer.byte(versions.newest);
  writer.byte(0);
  for (const name of [header.from, header.service, header.to, header.clusterId]) writer.name(name);
  writer.uint32(header.group);
  writer.byte(introduction.length);
  writer.bytes(introduction);
  const bytes = writer.written();
  bytes[1] = bytes.length;
  return bytes;
}

/**
 * Encodes a call: its header, its number, its payload.
 *
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { encodeCall, encodeHeader, GROUP } from "ruaft/rpc";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * const header = encodeHeader({
 *   clusterId: "example",
 *   group: GROUP,
 *   from: n1,
 *   to: n2,
 *   service: "echo",
 *   introduction: new Uint8Array(),
 * });
 * const message = encodeCall({ header, callId: 1, payload: Uint8Array.of(7) });
 * console.log(message.length - header.length); // 5
 * ```
 */
export function encodeCall({ header, callId, payload }: Call): Uint8Array<ArrayBuffer> {
  const headBytes = header.length + callIdBytes;
  const around = useHeadSpace(payload, headBytes);
  const message = around ?? new Uint8Array(headBytes + payload.length);
  const writer = new ByteWriter(message);
  writer.bytes(header);
  writer.uint32(callId);
  if (around === undefined) writer.bytes(payload);
  return message;
}

/**
 * Reads a call from outside. Its parts are views on the message.
 *
 * @param message the bytes of one call
 * @throws MalformedMessage
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { decodeCall, encodeCall, encodeHeader, GROUP } from "ruaft/rpc";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * const header = encodeHeader({
 *   clusterId: "example",
 *   group: GROUP,
 *   from: n1,
 *   to: n2,
 *   service: "echo",
 *   introduction: new Uint8Array(),
 * });
 * const message = encodeCall({ header, callId: 1, payload: Uint8Array.of(7) });
 * console.log(decodeCall(message).payload); // Uint8Array(1) [ 7 ]
 * ```
 */
export function decodeCall(message: Uint8Array): Call {
  const bytes = checkMessage("call", message);
  const headerEnd = bytes[1] ?? 0;
  const reader = new ByteReader("call", bytes, headerEnd);
  return { header: bytes.subarray(0, headerEnd), callId: reader.uint32(), payload: reader.rest() };
}

/**
 * Reads the header of a call. The introduction is a view on `bytes`.
 *
 * @param bytes the header of a call, without its number and payload
 * @throws MalformedMessage
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { decodeHeader, encodeHeader, GROUP } from "ruaft/rpc";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * const header = encodeHeader({
 *   clusterId: "example",
 *   group: GROUP,
 *   from: n1,
 *   to: n2,
 *   service: "echo",
 *   introduction: new Uint8Array(),
 * });
 * const { from, to, service } = decodeHeader(header);
 * console.log(from, to, service); // n1 n2 echo
 * ```
 */
export function decodeHeader(bytes: Uint8Array): CallHeader {
  const reader = new ByteReader("call", bytes, 2);
  const from = reader.name("sender");
  const service = reader.name("service");
  const to = reader.name("receiver");
  const clusterId = reader.name("cluster");
  const group = reader.uint32();
  const introduction = reader.view(readIntroductionLength(reader));
  reader.end();
  return { clusterId, group, from, to, service, introduction };
}

/** In the order of their codes on the wire. */
export const replyStatuses: readonly ReplyStatus[] = [
  "ok",
  "malformed",
  "misdirected",
  "noSuchService",
  "failed",
];

/**
 * `ok`: the request was handled. Every other status is a refusal: `malformed`: the bytes are not a call, or the payload is
 * not a request; `misdirected`: the call is meant for another cluster, group or replica, or its sender is not the peer that
 * it claims to be; `noSuchService`: this service is not served here (yet); `failed`: the handler threw.
 */
export type ReplyStatus = "ok" | "malformed" | "misdirected" | "noSuchService" | "failed";

/** The reply to a call, or its refusal. */
export interface Reply {
  /** See {@link ReplyStatus}. */
  readonly status: ReplyStatus;
  /** The number of the call; 0 if that could not be read. */
  readonly callId: number;
  /** The sender's introduction as bytes; empty without one. */
  readonly introduction: Uint8Array;
  /** If the status is `ok`, the payload; otherwise the reason of the refusal, in UTF-8. */
  readonly content: Uint8Array;
}

const replyHeadBytes = 2 + callIdBytes + 1;

/**
 * Encodes a reply: version, status, number of the call, introduction, content.
 *
 * @example
 * ```ts
 * import { encodeReply } from "ruaft/rpc";
 *
 * const introduction = new Uint8Array();
 * const message = encodeReply({ status: "ok", callId: 1, introduction, content: Uint8Array.of(7) });
 * console.log(message.length); // 8
 * ```
 */
export function encodeReply({ status, callId, introduction, content }: Reply): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(replyHeadBytes + introduction.length + content.length);
  writer.byte(versions.newest);
  writer.byte(replyStatuses.indexOf(status));
  writer.uint32(callId);
  writer.byte(introduction.length);
  writer.bytes(introduction);
  writer.bytes(content);
  return writer.written();
}

/**
 * Decodes a reply from outside. Its parts are views on the message.
 *
 * @param message the bytes of one reply
 * @throws MalformedMessage
 * @example
 * ```ts
 * import { decodeReply, encodeReply } from "ruaft/rpc";
 *
 * const introduction = new Uint8Array();
 * const message = encodeReply({ status: "ok", callId: 1, introduction, content: Uint8Array.of(7) });
 * const { status, content } = decodeReply(message);
 * console.log(status, content); // ok Uint8Array(1) [ 7 ]
 * ```
 */
export function decodeReply(message: Uint8Array): Reply {
  const bytes = checkMessage("reply", message);
  const reader = new ByteReader("reply", bytes, 1);
  const status = replyStatuses[reader.byte()] ?? reader.fail("unknown status");
  const callId = reader.uint32();
  const introduction = reader.view(readIntroductionLength(reader));
  return { status, callId, introduction, content: reader.rest() };
}

function readIntroductionLength(reader: ByteReader): number {
  const length = reader.byte();
  return isIntroductionLength(length) ? length : reader.fail(`an introduction of ${length} bytes`);
}

/** Checks length and version of a message, and returns a plain Uint8Array on it. */
function checkMessage(name: string, message: Uint8Array): Uint8Array {
  if (message.length > rpcLimits.messageBytes) {
    throw new MalformedMessage(`${name}: at most ${rpcLimits.messageBytes} bytes, not ${message.length}`);
  }
  const [version] = message;
  if (version === undefined) throw new MalformedMessage(`${name}: no bytes`);
  const { oldest, newest } = versions;
  if (version < oldest || version > newest) {
    throw new MalformedMessage(
      `${name}: version ${version} of the protocol; this release reads ${oldest} to ${newest}`,
    );
  }
  // Views on a Buffer would be Buffers.
  return message.constructor === Uint8Array
    ? message
    : new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
}
