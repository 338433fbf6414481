import type { ServiceHandler } from "../ports/index.ts";
import { isReplicaId, type ReplicaId } from "../raft/index.ts";
import {
  type AnswerStatus,
  type CallHeader,
  decodeCall,
  decodeHeader,
  encodeAnswer,
  GROUP,
} from "./envelope.ts";
import type { Introducer } from "./introducer.ts";
import { type KnownHeader, KnownHeaders } from "./known-headers.ts";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";

/** What to send back, whatever the transport. */
export interface EncodedAnswer {
  readonly status: AnswerStatus;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Whom calls must be meant for. */
export interface Addressee {
  readonly clusterId: string;
  readonly self: ReplicaId;
  readonly introducer: Introducer;
}

/** Why a call gets no reply. */
class Refusal extends Error {
  readonly status: Exclude<AnswerStatus, "ok">;

  constructor(status: Refusal["status"], message: string) {
    super(message);
    this.status = status;
  }
}

const utf8 = new TextEncoder();

/** Answers the calls of peers: the one way from a transport to the handlers of services. */
export class CallServer {
  readonly #addressee: Addressee;
  readonly #services = new Map<string, ServiceHandler>();
  readonly #headers = new KnownHeaders();

  constructor(addressee: Addressee) {
    this.#addressee = addressee;
  }

  /** @throws RangeError if the name is not one of a service, or is served already */
  serve(service: string, handler: ServiceHandler): void {
    if (!isServiceName(service)) {
      throw new RangeError(`service: 1 to 32 of a-z, 0-9 and "-", not ${JSON.stringify(service)}`);
    }
    if (this.#services.has(service)) throw new RangeError(`service: ${service} is served already`);
    this.#services.set(service, handler);
  }

  /** Serves nothing any more. */
  stop(): void {
    this.#services.clear();
  }

  /**
   * Answers a call that came as bytes. It never throws. A handler is asked only if the call was meant for this replica.
   *
   * @param message belongs to the handler: nobody may write to it afterwards
   * @param expected the only service to admit, if the way it came by names one
   */
  async answer(message: Uint8Array, expected?: string): Promise<EncodedAnswer> {
    let callId = 0;
    let from: ReplicaId | undefined;
    try {
      const call = decodeCall(message);
      callId = call.callId;
      let header: KnownHeader | undefined = this.#headers.find(call.header);
      if (header === undefined) {
        const read = decodeHeader(call.header);
        from = read.from;
        header = this.#remember(call.header, read);
      }
      from = header.from;
      return this.#encode("ok", callId, from, await this.#handle(header, call.payload, expected));
    } catch (error) {
      const { status, text } = refusalBehind(error);
      return this.#encode(status, callId, from, utf8.encode(text.slice(0, rpcLimits.refusalLength)));
    }
  }

  /** @throws Refusal if the addresses are not this replica's */
  #remember(bytes: Uint8Array, header: CallHeader): KnownHeader {
    const { clusterId, self, introducer } = this.#addressee;
    const { from, service } = header;
    if (header.clusterId !== clusterId) {
      throw new Refusal("foreign", `this is cluster ${clusterId}, not ${header.clusterId}`);
    }
    if (header.group !== GROUP) {
      throw new Refusal("foreign", `this is group ${GROUP} of the cluster, not ${header.group}`);
    }
    if (header.to !== self) throw new Refusal("foreign", `this is replica ${self}, not ${header.to}`);
    const known = { from, service, introduction: introducer.read(from, header.introduction) };
    this.#headers.add(bytes, known);
    return known;
  }

  /** @throws Refusal, and whatever the handler throws */
  #handle({ from, service, introduction }: KnownHeader, payload: Uint8Array, expected: string | undefined) {
    if (expected !== undefined && service !== expected) {
      throw new Refusal("malformed", `a call of ${service} came where ${expected} is served`);
    }
    const refusal = this.#addressee.introducer.refusal(from, introduction);
    if (refusal !== undefined) throw new Refusal("foreign", refusal);
    const handler = this.#services.get(service);
    if (handler === undefined) throw new Refusal("unserved", `${service} is not served here`);
    return handler(from, payload);
  }

  #encode(
    status: AnswerStatus,
    callId: number,
    to: ReplicaId | undefined,
    content: Uint8Array,
  ): EncodedAnswer {
    if (content.length > rpcLimits.payloadBytes) {
      throw new Refusal(
        "failed",
        `the reply is of ${content.length} bytes; at most ${rpcLimits.payloadBytes} are sent`,
      );
    }
    const introduction = to === undefined ? noBytes : this.#addressee.introducer.bytesTo(to);
    return { status, bytes: encodeAnswer({ status, callId, introduction, content }) };
  }
}

const noBytes = new Uint8Array();

function refusalBehind(error: unknown): { readonly status: Refusal["status"]; readonly text: string } {
  if (error instanceof Refusal) return { status: error.status, text: error.message };
  if (error instanceof MalformedMessage) return { status: "malformed", text: error.message };
  return { status: "failed", text: error instanceof Error ? error.message : String(error) };
}

/** Whether a text is the name of a service: 1 to 32 of a-z, 0-9 and "-". */
export function isServiceName(text: string): boolean {
  return isReplicaId(text);
}
