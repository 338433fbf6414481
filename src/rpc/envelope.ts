import * as v from "valibot";
import { type Introduction, type RpcReply, type RpcRequest, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { decodePlain, encodePlain } from "./cbor.ts";
import { isReplyType, isRequestType, replyShapes, requestShapes } from "./contract.ts";
import { clusterId, count, id } from "./fields.ts";
import { introductionFromWire, introductionToWire } from "./introduction.ts";
import { rpcLimits } from "./limits.ts";
import type { Plain } from "./plain.ts";
import { read, type Shape } from "./shape.ts";

/** One request on its way. */
export interface RpcCall {
  readonly clusterId: string;
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  /** The caller's number of this call; the reply bears it. */
  readonly callId: number;
  readonly introduction?: Introduction | undefined;
  readonly request: RpcRequest;
}

/** What a replica answers to a call: a reply, or why there is none. */
export type RpcAnswer = RpcAnswerContent & {
  readonly callId: number;
  readonly introduction?: Introduction | undefined;
};

type RpcAnswerContent =
  | { readonly type: "reply"; readonly reply: RpcReply }
  | { readonly type: "refusal"; readonly reason: string; readonly message: string };

const protocolVersion = 2;
const refusalTag = "refused";

const version = v.literal(protocolVersion, `another version of the protocol; this one is ${protocolVersion}`);
const fields = v.array(v.unknown());

const callOnWire = v.strictTuple([
  version,
  clusterId,
  id,
  id,
  count,
  v.unknown(),
  v.custom<RpcRequest["type"]>(isRequestType, "not a request"),
  fields,
]);

const answerOnWire = v.strictTuple([
  version,
  count,
  v.unknown(),
  v.custom<RpcReply["type"] | typeof refusalTag>(
    (tag) => tag === refusalTag || isReplyType(tag),
    "not a reply",
  ),
  fields,
]);

const refusalOnWire = v.strictTuple([v.string(), v.string()]);

/** @throws TransportError `tooLarge` if the message would be larger than any may be */
export function encodeCall({
  clusterId,
  from,
  to,
  callId,
  introduction,
  request,
}: RpcCall): Uint8Array<ArrayBuffer> {
  const shape: Shape<RpcRequest> = requestShapes[request.type];
  return encodeMessage([
    protocolVersion,
    clusterId,
    from,
    to,
    callId,
    introductionToWire(introduction),
    request.type,
    shape.toWire(request),
  ]);
}

/**
 * Reads a call from outside. Byte strings in the request are views on `bytes`, which nobody may write to afterwards.
 *
 * @throws MalformedMessage
 */
export function decodeCall(bytes: Uint8Array): RpcCall {
  const [, clusterId, from, to, callId, wire, type, fields] = read(callOnWire, decodePlain(bytes), "call");
  const call = { clusterId, from, to, callId, request: requestShapes[type].fromWire(fields) };
  const introduction = introductionFromWire(wire);
  return introduction === undefined ? call : { ...call, introduction };
}

/** @throws TransportError `tooLarge` if the message would be larger than any may be */
export function encodeAnswer(answer: RpcAnswer): Uint8Array<ArrayBuffer> {
  const { callId } = answer;
  const introduction = introductionToWire(answer.introduction);
  if (answer.type === "refusal") {
    const message = answer.message.slice(0, rpcLimits.refusalLength);
    return encodeMessage([protocolVersion, callId, introduction, refusalTag, [answer.reason, message]]);
  }
  const { reply } = answer;
  const shape: Shape<RpcReply> = replyShapes[reply.type];
  return encodeMessage([protocolVersion, callId, introduction, reply.type, shape.toWire(reply)]);
}

/**
 * Reads an answer from outside. Byte strings in the reply are views on `bytes`.
 *
 * @throws MalformedMessage
 */
export function decodeAnswer(bytes: Uint8Array): RpcAnswer {
  const [, callId, wire, tag, fields] = read(answerOnWire, decodePlain(bytes), "answer");
  const answer = { callId, ...readAnswer(tag, fields) };
  const introduction = introductionFromWire(wire);
  return introduction === undefined ? answer : { ...answer, introduction };
}

function readAnswer(tag: RpcReply["type"] | typeof refusalTag, fields: readonly unknown[]): RpcAnswerContent {
  if (tag !== refusalTag) return { type: "reply", reply: replyShapes[tag].fromWire(fields) };
  const [reason, message] = read(refusalOnWire, fields, "refusal");
  return { type: "refusal", reason, message };
}

function encodeMessage(message: Plain): Uint8Array<ArrayBuffer> {
  const bytes = encodePlain(message);
  if (bytes.length > rpcLimits.messageBytes) {
    throw new TransportError(
      "tooLarge",
      `a message has at most ${rpcLimits.messageBytes} bytes, not ${bytes.length}`,
    );
  }
  return bytes;
}
