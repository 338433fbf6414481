import { type Introduction, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { EndpointIdentity } from "./call-server.ts";
import { decodeReply, encodeCall, encodeHeader, GROUP, type Reply } from "./envelope.ts";
import { introductionBytes } from "./introduction.ts";
import { rpcLimits } from "./limits.ts";
import { mistakeBehind, mistakeIn } from "./mistakes.ts";
import { refusedUnread, type SealedCaller } from "./sealed/index.ts";

/**
 * Carries the bytes of a call to a peer, and resolves to the bytes of the reply. A TransportError reaches the caller
 * as it is; any other error becomes `unreachable`. No bytes mean that the peer refused the call unread.
 *
 * @param ended returns a signal that ends when the call is over. The signal is created only if this is called
 */
export type RoundTrip = (message: Uint8Array<ArrayBuffer>, ended: () => AbortSignal) => Promise<Uint8Array>;

/** A call to be made. */
export interface OutgoingCall {
  /** The receiver. */
  readonly to: ReplicaId;
  /** 1 to 32 characters of `a-z`, `0-9` and `-`. */
  readonly service: string;
  /** At most `rpcLimits.payloadBytes`. */
  readonly payload: Uint8Array;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

interface WrittenHeader {
  readonly introduction: Introduction | undefined;
  readonly bytes: Uint8Array;
}

/** Limit of cached headers; more than the peers of a cluster times the services need. */
const MAX_HEADERS = 256;

/**
 * The calls that one transport makes: keeps the promises of `Transport.call` for any way to carry the bytes. A call ends
 * with its reply, with its signal or with `dispose`, whichever is first.
 */
export class CallClient implements Disposable {
  readonly #caller: EndpointIdentity;
  readonly #sealed: SealedCaller | undefined;
  /** The last header sent, by peer and service. */
  readonly #headers = new Map<string, WrittenHeader>();
  /** One function for each call in flight: ends the wait for its reply. */
  readonly #ends = new Set<(error: TransportError) => void>();
  #lastCallId = 0;
  #disposed = false;

  /**
   * @param caller the replica that the calls come from
   * @param sealed seals them. Undefined: they are sent as they are
   */
  constructor(caller: EndpointIdentity, sealed?: SealedCaller) {
    this.#caller = caller;
    this.#sealed = sealed;
  }

  /** @throws TransportError */
  async make({ to, service, payload, signal }: OutgoingCall, roundTrip: RoundTrip): Promise<Uint8Array> {
    if (this.#disposed) throw disposed();
    if (signal.aborted) throw timeout(to, signal);
    if (payload.length > rpcLimits.payloadBytes) {
      throw new TransportError(
        "tooLarge",
        `payload: at most ${rpcLimits.payloadBytes} bytes, not ${payload.length}`,
      );
    }
    const callId = this.#nextCallId();
    const message = encodeCall({ header: this.#headerTo(to, service), callId, payload });
    const bytes = await this.#waitFor(to, signal, (ended) =>
      this.#sealed === undefined
        ? roundTrip(message, ended)
        : this.#sealed.exchange(to, message, (sealed) => roundTrip(sealed, ended)),
    );
    if (bytes.length === 0) throw refusedUnread(to);
    const reply = readReply(to, bytes);
    const { introducer } = this.#caller;
    const refusal = introducer.refusal(to, introducer.read(to, reply.introduction));
    if (refusal !== undefined) throw new TransportError("refused", refusal);
    if (reply.status !== "ok") throw refused(to, reply);
    if (reply.callId !== callId) {
      throw new TransportError(
        "refused",
        `${to} replied to call ${reply.callId}, not to ${service} ${callId}`,
      );
    }
    return reply.content;
  }

  /** Ends every call in flight, and each later one at once, with `unreachable`. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const end of this.#ends) end(disposed());
  }

  #nextCallId(): number {
    this.#lastCallId = this.#lastCallId < 2 ** 32 - 1 ? this.#lastCallId + 1 : 1;
    return this.#lastCallId;
  }

  #headerTo(to: ReplicaId, service: string): Uint8Array {
    const introduction = this.#caller.introducer.to(to);
    // Neither contains a space.
    const name = `${to} ${service}`;
    const last = this.#headers.get(name);
    if (last !== undefined && last.introduction === introduction) return last.bytes;
    const { clusterId, self: from } = this.#caller;
    const addresses = { clusterId, group: GROUP, from, to, service };
    const bytes = encodeHeader({ ...addresses, introduction: introductionBytes(introduction) });
    if (this.#headers.size >= MAX_HEADERS) this.#headers.clear();
    this.#headers.set(name, { introduction, bytes });
    return bytes;
  }

  #waitFor(
    to: ReplicaId,
    signal: AbortSignal,
    roundTrip: (ended: () => AbortSignal) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let controller: AbortController | undefined;
      const ended = (): AbortSignal => {
        controller ??= new AbortController();
        return controller.signal;
      };
      const finish = (): void => {
        this.#ends.delete(end);
        signal.removeEventListener("abort", onAbort);
      };
      const end = (error: TransportError): void => {
        finish();
        reject(error);
        controller?.abort(error);
      };
      const onAbort = (): void => end(timeout(to, signal));

      this.#ends.add(end);
      signal.addEventListener("abort", onAbort, { once: true });
      roundTrip(ended).then(
        (bytes) => {
          finish();
          resolve(bytes);
        },
        (error: unknown) => end(asTransportError(to, error)),
      );
    });
  }
}

function readReply(from: ReplicaId, bytes: Uint8Array): Reply {
  try {
    return decodeReply(bytes);
  } catch (error) {
    throw new TransportError("refused", `${from} sent something else than a reply`, {
      cause: error,
      mistake: `its reply can't be read: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

function refused(by: ReplicaId, { status, content }: Reply): TransportError {
  const text = new TextDecoder().decode(content).slice(0, rpcLimits.refusalLength);
  return new TransportError("refused", `${by} refused, ${status}: ${text}`, {
    mistake: mistakeBehind(status, text),
  });
}

function asTransportError(to: ReplicaId, error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError("unreachable", `${to} can't be reached: ${String(error)}`, {
    cause: error,
    mistake: mistakeIn(error),
  });
}

function timeout(to: ReplicaId, signal: AbortSignal): TransportError {
  return new TransportError("timeout", `no reply of ${to} in time`, { cause: signal.reason });
}

function disposed(): TransportError {
  return new TransportError("unreachable", "the transport was disposed");
}
