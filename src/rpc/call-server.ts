import type { ServiceHandler } from "../ports/index.ts";
import { isReplicaId, type ReplicaId } from "../raft/index.ts";
import {
  type CallHeader,
  decodeCall,
  decodeHeader,
  encodeReply,
  GROUP,
  type ReplyStatus,
} from "./envelope.ts";
import type { Introducer } from "./introducer.ts";
import { type KnownHeader, KnownHeaders } from "./known-headers.ts";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";

/** The response that a transport sends back. */
export interface EncodedReply {
  /** For transports that show it, such as HTTP. `unauthorized`: no holder of the secret sealed the call. */
  readonly status: ReplyStatus | "unauthorized";
  /** The whole message. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How a call came to this replica. */
export interface Arrival {
  /** The service that the URL or subject named, if it did. A call of another service is refused. */
  readonly service?: string | undefined;
  /** Limit of the content of the reply, in bytes. A larger one becomes a refusal. Default: `rpcLimits.payloadBytes`. */
  readonly maxReplyBytes?: number | undefined;
  /** The address of the sender, for the log. */
  readonly address?: string | undefined;
}

/** The replica that an endpoint belongs to: the sender of its calls, and the only receiver that it accepts calls for. */
export interface EndpointIdentity {
  readonly clusterId: string;
  readonly self: ReplicaId;
  readonly introducer: Introducer;
}

/** Why a call is refused. */
class Refusal extends Error {
  readonly status: Exclude<ReplyStatus, "ok">;

  constructor(status: Refusal["status"], message: string) {
    super(message);
    this.status = status;
  }
}

const utf8 = new TextEncoder();

/** Checks the calls of peers and passes them to the handlers of services. */
export class CallServer {
  readonly #identity: EndpointIdentity;
  readonly #services = new Map<string, ServiceHandler>();
  readonly #headers = new KnownHeaders();

  constructor(identity: EndpointIdentity) {
    this.#identity = identity;
  }

  /** @throws RangeError if the name is not valid, or is served already */
  serve(service: string, handler: ServiceHandler): void {
    if (!isServiceName(service)) {
      throw new RangeError(`service: 1 to 32 of a-z, 0-9 and "-", not ${JSON.stringify(service)}`);
    }
    if (this.#services.has(service)) throw new RangeError(`service: ${service} is served already`);
    this.#services.set(service, handler);
  }

  /** Removes all handlers: every later call is refused. */
  stop(): void {
    this.#services.clear();
  }

  /**
   * Handles the bytes of a call. Never rejects. A handler runs only if the call was meant for this replica.
   *
   * @param message belongs to the handler from then on: the caller must not write to it
   * @param arrival how the call came
   */
  async handle(message: Uint8Array, arrival: Arrival = {}): Promise<EncodedReply> {
    const { service: expected, maxReplyBytes = rpcLimits.payloadBytes } = arrival;
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
      const reply = await this.#dispatch(header, call.payload, expected);
      if (reply.length > maxReplyBytes) {
        throw new Refusal("failed", `reply: at most ${maxReplyBytes} bytes, not ${reply.length}`);
      }
      return this.#encode("ok", callId, from, reply);
    } catch (error) {
      const { status, text } = refusalBehind(error);
      return this.#encode(status, callId, from, utf8.encode(text.slice(0, rpcLimits.refusalLength)));
    }
  }

  /** @throws Refusal if the call is meant for another cluster, group or replica */
  #remember(bytes: Uint8Array, header: CallHeader): KnownHeader {
    const { clusterId, self, introducer } = this.#identity;
    const { from, service } = header;
    if (header.clusterId !== clusterId) {
      throw new Refusal("misdirected", `this is cluster ${clusterId}, not ${header.clusterId}`);
    }
    if (header.group !== GROUP) {
      throw new Refusal("misdirected", `this is group ${GROUP} of the cluster, not ${header.group}`);
    }
    if (header.to !== self) throw new Refusal("misdirected", `this is replica ${self}, not ${header.to}`);
    const known = { from, service, introduction: introducer.read(from, header.introduction) };
    this.#headers.add(bytes, known);
    return known;
  }

  /** @throws Refusal, and what the handler throws */
  #dispatch({ from, service, introduction }: KnownHeader, payload: Uint8Array, expected: string | undefined) {
    if (expected !== undefined && service !== expected) {
      throw new Refusal("malformed", `a call of ${service} on the path of ${expected}`);
    }
    const refusal = this.#identity.introducer.refusal(from, introduction);
    if (refusal !== undefined) throw new Refusal("misdirected", refusal);
    const handler = this.#services.get(service);
    if (handler === undefined) throw new Refusal("noSuchService", `${service} is not served here`);
    return handler(from, payload);
  }

  #encode(status: ReplyStatus, callId: number, to: ReplicaId | undefined, content: Uint8Array): EncodedReply {
    const introduction = to === undefined ? noBytes : this.#identity.introducer.bytesTo(to);
    return { status, bytes: encodeReply({ status, callId, introduction, content }) };
  }
}

const noBytes = new Uint8Array();

function refusalBehind(error: unknown): { readonly status: Refusal["status"]; readonly text: string } {
  if (error instanceof Refusal) return { status: error.status, text: error.message };
  if (error instanceof MalformedMessage) return { status: "malformed", text: error.message };
  return { status: "failed", text: error instanceof Error ? error.message : String(error) };
}

/** Whether a text is a valid name of a service: 1 to 32 of a-z, 0-9 and "-". */
export function isServiceName(text: string): boolean {
  return isReplicaId(text);
}
