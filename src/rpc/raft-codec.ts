import {
  type BootstrapCheck,
  type BootstrapCheckReply,
  type InstallSnapshot,
  type InstallSnapshotReply,
  MAX_VOTERS,
  type RaftReply,
  type RaftRequest,
  type RequestVote,
  type RequestVoteReply,
  type StoredConfiguration,
} from "../raft/index.ts";
import { appendEntries, appendEntriesReply } from "./append-entries.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter, COUNT_BYTES, NAME_BYTES } from "./byte-writer.ts";
import { readEarlierTerm } from "./earlier-term.ts";
import { withHeadSpace } from "./head-space.ts";
import { MalformedMessage } from "./malformed-message.ts";
import type { MessageCodec, MessageCodecs } from "./message-codec.ts";

const requestVote: MessageCodec<RequestVote> = {
  maxBytes: () => 1 + NAME_BYTES + 3 * COUNT_BYTES,
  write(writer, message) {
    writer.flags(message.preVote);
    writer.count(message.term);
    writer.name(message.candidateId);
    writer.count(message.lastLogIndex);
    writer.count(message.lastLogTerm);
  },
  read(reader) {
    const preVote = reader.flags(1) !== 0;
    const term = reader.count("term");
    const candidateId = reader.name("candidateId");
    const lastLogIndex = reader.count("lastLogIndex");
    const lastLogTerm = readEarlierTerm(reader, "lastLogTerm", term);
    return { type: "requestVote", term, candidateId, lastLogIndex, lastLogTerm, preVote };
  },
};

/** The data are the rest of the message; the decoded data are a view on it. */
const installSnapshot: MessageCodec<InstallSnapshot> = {
  maxBytes: ({ data, configuration }) =>
    1 + NAME_BYTES + 6 * COUNT_BYTES + (configuration?.data.length ?? 0) + data.length,
  write(writer, message) {
    const { configuration } = message;
    writer.flags(message.done, configuration !== undefined);
    writer.count(message.term);
    writer.name(message.leaderId);
    writer.count(message.lastIncludedIndex);
    writer.count(message.lastIncludedTerm);
    writer.count(message.offset);
    if (configuration !== undefined) {
      writer.count(configuration.index);
      writer.count(configuration.data.length);
      writer.bytes(configuration.data);
    }
    writer.bytes(message.data);
  },
  read(reader) {
    const flags = reader.flags(2);
    const term = reader.count("term");
    const leaderId = reader.name("leaderId");
    const lastIncludedIndex = reader.count("lastIncludedIndex");
    const lastIncludedTerm = readEarlierTerm(reader, "lastIncludedTerm", term);
    const offset = reader.count("offset");
    const configuration = (flags & 2) === 0 ? undefined : readConfiguration(reader, lastIncludedIndex);
    return {
      type: "installSnapshot",
      term,
      leaderId,
      lastIncludedIndex,
      lastIncludedTerm,
      ...(configuration && { configuration }),
      offset,
      data: reader.rest(),
      done: (flags & 1) !== 0,
    };
  },
};

function readConfiguration(reader: ByteReader, lastIncludedIndex: number): StoredConfiguration {
  const index = reader.count("configuration.index");
  if (index < 1 || index > lastIncludedIndex) {
    reader.fail(`configuration.index: 1 to ${lastIncludedIndex}, not ${index}`);
  }
  return { index, data: reader.copy(reader.count("configuration.length")) };
}

const bootstrapCheck: MessageCodec<BootstrapCheck> = {
  maxBytes: () => NAME_BYTES + 2 * COUNT_BYTES,
  write(writer, { term, replicaId, round }) {
    writer.count(term);
    writer.name(replicaId);
    writer.count(round);
  },
  read: (reader) => ({
    type: "bootstrapCheck",
    term: reader.count("term"),
    replicaId: reader.name("replicaId"),
    round: reader.count("round"),
  }),
};

const requestVoteReply: MessageCodec<RequestVoteReply> = {
  maxBytes: () => 1 + COUNT_BYTES,
  write(writer, { term, voteGranted }) {
    writer.flags(voteGranted);
    writer.count(term);
  },
  read: (reader) => ({
    type: "requestVote",
    voteGranted: reader.flags(1) !== 0,
    term: reader.count("term"),
  }),
};

const installSnapshotReply: MessageCodec<InstallSnapshotReply> = {
  maxBytes: () => 1 + 2 * COUNT_BYTES,
  write(writer, { term, nextOffset, installed }) {
    writer.flags(installed);
    writer.count(term);
    writer.count(nextOffset);
  },
  read: (reader) => ({
    type: "installSnapshot",
    installed: reader.flags(1) !== 0,
    term: reader.count("term"),
    nextOffset: reader.count("nextOffset"),
  }),
};

const bootstrapCheckReply: MessageCodec<BootstrapCheckReply> = {
  maxBytes: () => 2 + COUNT_BYTES + MAX_VOTERS * NAME_BYTES,
  write(writer, { term, countedPeers }) {
    writer.flags(countedPeers !== undefined);
    writer.count(term);
    if (countedPeers === undefined) return;
    writer.byte(countedPeers.length);
    for (const id of countedPeers) writer.name(id);
  },
  read(reader) {
    const isKnown = reader.flags(1) !== 0;
    const term = reader.count("term");
    if (!isKnown) return { type: "bootstrapCheck", term, countedPeers: undefined };
    const amount = reader.byte();
    if (amount > MAX_VOTERS) reader.fail(`countedPeers: at most ${MAX_VOTERS} names, not ${amount}`);
    const countedPeers = Array.from({ length: amount }, () => reader.name("countedPeers"));
    return { type: "bootstrapCheck", term, countedPeers };
  },
};

/** Copying a smaller message, in bytes, costs less than remembering its head space. */
const LARGE_BYTES = 16 * 1024;

/** The first byte of a message. */
const codes = {
  requestVote: 0,
  appendEntries: 1,
  installSnapshot: 2,
  bootstrapCheck: 3,
} as const satisfies Record<RaftRequest["type"], number>;

const types = Object.keys(codes) as readonly RaftRequest["type"][];

const requests: MessageCodecs<RaftRequest> = { requestVote, appendEntries, installSnapshot, bootstrapCheck };

const replies: MessageCodecs<RaftReply> = {
  requestVote: requestVoteReply,
  appendEntries: appendEntriesReply,
  installSnapshot: installSnapshotReply,
  bootstrapCheck: bootstrapCheckReply,
};

/**
 * Encodes a request of Raft as the payload of a call.
 *
 * @param request of the core
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { encodeRaftRequest } from "ruaft/rpc";
 *
 * const n1 = replicaId("n1");
 * const request = { type: "bootstrapCheck", term: 3, replicaId: n1, round: 1 } as const;
 * console.log(encodeRaftRequest(request) instanceof Uint8Array); // true
 * ```
 */
export function encodeRaftRequest(request: RaftRequest): Uint8Array {
  return encode(requests[request.type], request);
}

/**
 * Decodes a request from outside. The data of a chunk are a view on `bytes`.
 *
 * @param bytes the payload of a call of the service `raft`
 * @throws MalformedMessage
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { decodeRaftRequest, encodeRaftRequest } from "ruaft/rpc";
 *
 * const n1 = replicaId("n1");
 * const request = { type: "bootstrapCheck", term: 3, replicaId: n1, round: 1 } as const;
 * console.log(decodeRaftRequest(encodeRaftRequest(request)).term); // 3
 * ```
 */
export function decodeRaftRequest(bytes: Uint8Array): RaftRequest {
  return decode<RaftRequest>("request", requests, bytes);
}

/**
 * Encodes a reply of Raft as the payload of an answer.
 *
 * @param reply of the core
 * @example
 * ```ts
 * import { encodeRaftReply } from "ruaft/rpc";
 *
 * const reply = { type: "requestVote", term: 3, voteGranted: true } as const;
 * console.log(encodeRaftReply(reply) instanceof Uint8Array); // true
 * ```
 */
export function encodeRaftReply(reply: RaftReply): Uint8Array {
  return encode(replies[reply.type], reply);
}

/**
 * Reads a reply from outside.
 *
 * @param bytes the payload of a reply of the service `raft`
 * @throws MalformedMessage
 * @example
 * ```ts
 * import { decodeRaftReply, encodeRaftReply } from "ruaft/rpc";
 *
 * const reply = { type: "requestVote", term: 3, voteGranted: true } as const;
 * console.log(decodeRaftReply(encodeRaftReply(reply)).term); // 3
 * ```
 */
export function decodeRaftReply(bytes: Uint8Array): RaftReply {
  return decode<RaftReply>("reply", replies, bytes);
}

function encode<Message extends RaftRequest | RaftReply>(
  codec: MessageCodec<Message>,
  message: Message,
): Uint8Array {
  const capacity = 1 + codec.maxBytes(message);
  const writer = new ByteWriter(capacity < LARGE_BYTES ? capacity : withHeadSpace(capacity));
  writer.byte(codes[message.type]);
  codec.write(writer, message);
  return writer.written();
}

function decode<Message>(
  kind: string,
  codecs: Readonly<Record<RaftRequest["type"], MessageCodec<Message>>>,
  bytes: Uint8Array,
): Message {
  const type = types[bytes[0] ?? types.length];
  if (type === undefined) throw new MalformedMessage(`${kind} of Raft: unknown type`);
  const reader = new ByteReader(type, bytes, 1);
  const message = codecs[type].read(reader);
  reader.end();
  return message;
}
