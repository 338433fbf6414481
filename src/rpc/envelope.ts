import type { ReplicaId } from "../raft/index.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter, NAME_BYTES } from "./byte-writer.ts";
import { INTRODUCTION_BYTES, isIntroductionLength } from "./introduction.ts";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";

/** The versions of the envelope that this release reads. It writes the newest. */
const versions = { oldest: 3, newest: 3 } as const;

/** The Raft group that all messages are for. Room for several groups in one cluster. */
export const GROUP = 0;

/** What a call says before its payload. It is the same in all calls of one replica to a service of another. */
export interface CallHeader {
  readonly clusterId: string;
  readonly group: number;
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly service: string;
  /** What the sender says of itself, as bytes; empty if nothing. */
  readonly introduction: Uint8Array;
}

/** One call on its way, as views on its bytes. */
export interface Call {
  readonly header: Uint8Array;
  /** The caller's number of this call, 1 to 2^32 - 1. The answer bears it. */
  readonly callId: number;
  readonly payload: Uint8Array;
}

const headerBytes = 2 + 4 + 4 * NAME_BYTES + 1 + INTRODUCTION_BYTES;
const callIdBytes = 4;

/**
 * The header as it is sent: version, length of the header, sender, service, receiver, cluster, group, introduction. What
 * tells headers apart comes first.
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

/** A call as it is sent: its header, its number, its payload. */
export function encodeCall({ header, callId, payload }: Call): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(header.length + callIdBytes + payload.length);
  writer.bytes(header);
  writer.uint32(callId);
  writer.bytes(payload);
  return writer.written();
}

/** @throws MalformedMessage */
export function decodeCall(message: Uint8Array): Call {
  const bytes = checkMessage("call", message);
  const headerEnd = bytes[1] ?? 0;
  const reader = new ByteReader("call", bytes, headerEnd);
  return { header: bytes.subarray(0, headerEnd), callId: reader.uint32(), payload: reader.rest() };
}

/**
 * Reads the header of a call. The introduction is a view on `bytes`.
 *
 * @throws MalformedMessage
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

/** `ok`: the content is a reply; anything else: it says why there is none. */
export const answerStatuses: readonly AnswerStatus[] = ["ok", "malformed", "foreign", "unserved", "failed"];

/**
 * `ok`: a reply; `malformed`: the bytes are not a call, or the payload not a request; `foreign`: it is meant for another
 * cluster, group or replica, or its sender is not the peer that it says; `unserved`: nobody here answers this service (yet);
 * `failed`: the handler threw.
 */
export type AnswerStatus = "ok" | "malformed" | "foreign" | "unserved" | "failed";

/** What a replica answers to a call. */
export interface Answer {
  readonly status: AnswerStatus;
  /** The number of the call; 0 if that could not be read. */
  readonly callId: number;
  /** The sender's introduction as bytes; empty without one. */
  readonly introduction: Uint8Array;
  /** A reply's payload; the text of a refusal, in UTF-8. */
  readonly content: Uint8Array;
}

const answerHeadBytes = 2 + callIdBytes + 1;

/** An answer as it is sent: version, status, number of the call, introduction, content. */
export function encodeAnswer({ status, callId, introduction, content }: Answer): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(answerHeadBytes + introduction.length + content.length);
  writer.byte(versions.newest);
  writer.byte(answerStatuses.indexOf(status));
  writer.uint32(callId);
  writer.byte(introduction.length);
  writer.bytes(introduction);
  writer.bytes(content);
  return writer.written();
}

/**
 * Reads an answer from outside. Its parts are views on the message.
 *
 * @throws MalformedMessage
 */
export function decodeAnswer(message: Uint8Array): Answer {
  const bytes = checkMessage("answer", message);
  const reader = new ByteReader("answer", bytes, 1);
  const status = answerStatuses[reader.byte()] ?? reader.fail("neither a reply nor a refusal");
  const callId = reader.uint32();
  const introduction = reader.view(readIntroductionLength(reader));
  return { status, callId, introduction, content: reader.rest() };
}

function readIntroductionLength(reader: ByteReader): number {
  const length = reader.byte();
  return isIntroductionLength(length) ? length : reader.fail(`an introduction of ${length} bytes`);
}

/** Checks what can be read of any message, and gives a plain view on it. */
function checkMessage(name: string, message: Uint8Array): Uint8Array {
  if (message.length > rpcLimits.messageBytes) {
    throw new MalformedMessage(
      `${name}: ${message.length} bytes; a message has at most ${rpcLimits.messageBytes}`,
    );
  }
  const [version] = message;
  if (version === undefined) throw new MalformedMessage(`${name}: no bytes`);
  const { oldest, newest } = versions;
  if (version < oldest || version > newest) {
    throw new MalformedMessage(
      `${name}: of another version of the protocol (${version}); this release reads ${oldest} to ${newest}`,
    );
  }
  // A Buffer would beget Buffers.
  return message.constructor === Uint8Array
    ? message
    : new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
}
