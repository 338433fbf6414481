import type { Introduction, Introductions, RpcReply, RpcRequest, RpcServices } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { isRaftRequest } from "./contract.ts";
import { decodeCall, encodeAnswer, type RpcCall } from "./envelope.ts";
import { MalformedMessage } from "./malformed-message.ts";

/**
 * `ok`: a reply; `malformed`: the bytes are no call; `foreign`: it is meant for another cluster or replica, or its
 * sender is not the peer that it says; `unserved`: nobody here answers this service (yet); `failed`: the handler threw.
 */
export type AnswerStatus = "ok" | "malformed" | "foreign" | "unserved" | "failed";

/** What to send back, whatever the transport. */
export interface Answer {
  readonly status: AnswerStatus;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Whom a call must be addressed to. */
export interface Addressee {
  readonly clusterId: string;
  readonly self: ReplicaId;
  /** Set by `Transport.introduce`, once. */
  introductions?: Introductions;
}

/**
 * Answers a call that came as bytes: the one way from a transport to the handlers. It never throws; a handler is
 * asked only with a request that is what its type says, and that was meant for this replica.
 *
 * @param bytes kept by the request that is made of them: nobody may write to them afterwards
 * @param expected the only type of request to admit, where the way it came by names one
 */
export async function answer(
  bytes: Uint8Array,
  services: Partial<RpcServices>,
  addressee: Addressee,
  expected?: RpcRequest["type"],
): Promise<Answer> {
  let call: RpcCall;
  try {
    call = decodeCall(bytes);
  } catch (error) {
    if (!(error instanceof MalformedMessage)) return refusalOf("failed", error);
    return refusalOf("malformed", error);
  }
  const { callId, from, request } = call;
  const { introductions } = addressee;
  const refuse = (status: Refusal, why: unknown): Answer =>
    refusalOf(status, why, callId, introductions?.to(from));
  if (expected !== undefined && request.type !== expected) {
    return refuse("malformed", `a ${request.type} came where ${expected} is served`);
  }
  if (call.clusterId !== addressee.clusterId) {
    return refuse("foreign", `this is cluster ${addressee.clusterId}, not ${call.clusterId}`);
  }
  if (call.to !== addressee.self) {
    return refuse("foreign", `this is replica ${addressee.self}, not ${call.to}`);
  }
  const refusal = introductions?.refusal(from, call.introduction);
  if (refusal !== undefined) return refuse("foreign", refusal);
  try {
    const reply = await dispatch(call, services);
    if (reply === undefined) return refuse("unserved", `${request.type} is not served here`);
    const introduction = introductions?.to(from);
    return {
      status: "ok",
      bytes: encodeAnswer({ type: "reply", callId, introduction, reply }),
    };
  } catch (error) {
    return refuse("failed", error);
  }
}

function dispatch({ from, request }: RpcCall, services: Partial<RpcServices>): Promise<RpcReply> | undefined {
  if (isRaftRequest(request)) return services.raft?.(from, request);
  if (request.type === "kvAudit") return services.kvAudit?.(from, request);
  return request.type === "kvBatch" ? services.kvBatch?.(from, request) : services.kv?.(from, request);
}

type Refusal = Exclude<AnswerStatus, "ok">;

function refusalOf(status: Refusal, why: unknown, callId = 0, introduction?: Introduction): Answer {
  const message = why instanceof Error ? why.message : String(why);
  const refusal = { type: "refusal", callId, reason: status, message } as const;
  return { status, bytes: encodeAnswer({ ...refusal, introduction }) };
}
