import {
  decodeName,
  encodeName,
  type KvReply,
  type KvRequest,
  kvLimits,
  type Registration,
  registryLimits,
  type WriteTicket,
} from "../../kv/index.ts";
import { invariant, isReplicaId } from "../../raft/index.ts";
import { MalformedMessage, rpcLimits } from "../../rpc/index.ts";
import { ColumnReader, ColumnWriter } from "./columns.ts";

const utf8 = new TextEncoder();
const utf8Decoder = new TextDecoder();

const requestCodes = {
  kvOpenSession: 0,
  kvGet: 1,
  kvPut: 2,
  kvAppend: 3,
  kvCommitSentinel: 4,
  kvRegister: 5,
} as const satisfies Record<KvRequest["type"], number>;

/** @param requests 1 to `kvLimits.batchRequests` */
export function encodeRequests(requests: readonly KvRequest[]): Uint8Array {
  invariant(requests.length <= kvLimits.batchRequests, "a message has at most `batchRequests` requests");
  const columns = new ColumnWriter();
  for (const request of requests) writeRequest(columns, request);
  return columns.encoded();
}

/** @throws MalformedMessage */
export function decodeRequests(payload: Uint8Array): KvRequest[] {
  const columns = new ColumnReader("requests of the store", payload, kvLimits.batchRequests);
  const requests = columns.codes.map((code) => readRequest(columns, code));
  columns.end();
  return requests;
}

function writeRequest(columns: ColumnWriter, request: KvRequest): void {
  columns.code(requestCodes[request.type]);
  switch (request.type) {
    case "kvGet":
      columns.bytes(request.key);
      return;
    case "kvPut":
    case "kvAppend":
      columns.number(request.session).number(request.sequence).number(request.lowestPending);
      columns.bytes(request.key).bytes(request.value);
      return;
    case "kvRegister":
      columns.number(request.session).number(request.sequence).number(request.lowestPending);
      return writeRegistration(columns, request);
    case "kvOpenSession":
    case "kvCommitSentinel":
      return;
  }
}

function readRequest(columns: ColumnReader, code: unknown): KvRequest {
  switch (code) {
    case requestCodes.kvOpenSession:
      return { type: "kvOpenSession" };
    case requestCodes.kvGet:
      return { type: "kvGet", key: columns.bytes(kvLimits.keyBytes) };
    case requestCodes.kvPut:
      return { type: "kvPut", ...readWrite(columns) };
    case requestCodes.kvAppend:
      return { type: "kvAppend", ...readWrite(columns) };
    case requestCodes.kvCommitSentinel:
      return { type: "kvCommitSentinel" };
    case requestCodes.kvRegister:
      return { type: "kvRegister", ...readTicket(columns), ...readRegistration(columns) };
    default:
      return columns.unknownCode();
  }
}

type Write = WriteTicket & { readonly key: Uint8Array; readonly value: Uint8Array };

function readWrite(columns: ColumnReader): Write {
  return {
    ...readTicket(columns),
    key: columns.bytes(kvLimits.keyBytes),
    value: columns.bytes(kvLimits.valueBytes),
  };
}

function readTicket(columns: ColumnReader): WriteTicket {
  return { session: columns.number(), sequence: columns.number(), lowestPending: columns.number() };
}

/** An optional part is preceded by 1, or is only 0. */
function writeRegistration(columns: ColumnWriter, { name, value, expected, event }: Registration): void {
  columns.bytes(encodeName(name)).bytes(event);
  columns.number(value === undefined ? 0 : 1);
  if (value !== undefined) columns.bytes(value);
  columns.number(expected === undefined ? 0 : 1);
  if (expected !== undefined) columns.number(expected);
}

function readRegistration(columns: ColumnReader): Registration {
  const name = readName(columns.bytes(registryLimits.nameBytes));
  const event = columns.bytes(registryLimits.eventBytes);
  const value = columns.flag() ? columns.bytes(registryLimits.valueBytes) : undefined;
  return { name, value, expected: columns.flag() ? columns.number() : undefined, event };
}

function readName(bytes: Uint8Array): string {
  try {
    return decodeName(bytes);
  } catch (cause) {
    throw new MalformedMessage("requests of the store: the name is not a name of the registry", { cause });
  }
}

const replyCodes = {
  /** No reply, because it did not fit into the message. */
  omitted: 0,
  session: 1,
  written: 2,
  sessionExpired: 3,
  overloaded: 4,
  tooLarge: 5,
  value: 6,
  absentValue: 7,
  notLeader: 8,
  unknown: 9,
  tooManySessions: 10,
  notCarried: 11,
  conflict: 12,
  registryFull: 13,
} as const satisfies Record<KvReply["type"] | "omitted" | "absentValue", number>;

/** The replies to a batch, in the order of its requests. Undefined for a reply that did not fit into the message. */
export type KvReplies = readonly (KvReply | undefined)[];

export function encodeReplies(replies: KvReplies): Uint8Array {
  invariant(replies.length <= kvLimits.batchRequests, "a message has at most `batchRequests` replies");
  const columns = new ColumnWriter();
  for (const reply of replies) writeReply(columns, reply);
  return columns.encoded();
}

/** @throws MalformedMessage */
export function decodeReplies(payload: Uint8Array): KvReplies {
  const columns = new ColumnReader("replies of the store", payload, kvLimits.batchRequests);
  const replies = columns.codes.map((code) => readReply(columns, code));
  columns.end();
  return replies;
}

function writeReply(columns: ColumnWriter, reply: KvReply | undefined): void {
  switch (reply?.type) {
    case undefined:
      columns.code(replyCodes.omitted);
      return;
    case "session":
      columns.code(replyCodes.session).number(reply.session);
      return;
    case "written":
    case "conflict":
      columns.code(replyCodes[reply.type]).number(reply.revision);
      return;
    case "tooLarge":
    case "notCarried":
      columns.code(replyCodes[reply.type]).number(reply.limitBytes);
      return;
    case "value":
      if (reply.value === undefined) columns.code(replyCodes.absentValue).number(reply.revision);
      else columns.code(replyCodes.value).number(reply.revision).bytes(reply.value);
      return;
    case "notLeader":
      invariant(
        reply.leader === undefined || isReplicaId(reply.leader),
        "a leader is named by an id that the receiver accepts",
      );
      columns.code(replyCodes.notLeader).bytes(utf8.encode(reply.leader ?? ""));
      return;
    case "tooManySessions":
    case "sessionExpired":
    case "overloaded":
    case "registryFull":
    case "unknown":
      columns.code(replyCodes[reply.type]);
  }
}

function readReply(columns: ColumnReader, code: unknown): KvReply | undefined {
  switch (code) {
    case replyCodes.omitted:
      return undefined;
    case replyCodes.session:
      return { type: "session", session: columns.number() };
    case replyCodes.written:
      return { type: "written", revision: columns.number() };
    case replyCodes.conflict:
      return { type: "conflict", revision: columns.number() };
    case replyCodes.registryFull:
      return { type: "registryFull" };
    case replyCodes.tooLarge:
      return { type: "tooLarge", limitBytes: columns.number() };
    case replyCodes.notCarried:
      return { type: "notCarried", limitBytes: columns.number() };
    case replyCodes.value:
      return { type: "value", revision: columns.number(), value: columns.bytes(rpcLimits.payloadBytes) };
    case replyCodes.absentValue:
      return { type: "value", revision: columns.number(), value: undefined };
    case replyCodes.notLeader:
      return { type: "notLeader", leader: readLeader(columns) };
    case replyCodes.tooManySessions:
      return { type: "tooManySessions" };
    case replyCodes.sessionExpired:
      return { type: "sessionExpired" };
    case replyCodes.overloaded:
      return { type: "overloaded" };
    case replyCodes.unknown:
      return { type: "unknown" };
    default:
      return columns.unknownCode();
  }
}

function readLeader(columns: ColumnReader): string | undefined {
  const leader = utf8Decoder.decode(columns.bytes(32));
  if (leader === "") return undefined;
  if (isReplicaId(leader)) return leader;
  throw new MalformedMessage("replies of the store: the leader is not a replica id");
}
