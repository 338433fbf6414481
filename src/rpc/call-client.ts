import { type Introduction, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { Addressee } from "./call-server.ts";
import { type Answer, decodeAnswer, encodeCall, encodeHeader, GROUP } from "./envelope.ts";
import { introductionBytes } from "./introduction.ts";
import { rpcLimits } from "./limits.ts";
import { mistakeBehind, mistakeIn } from "./mistakes.ts";

/**
 * Carries the bytes of a call to a peer and those of its answer back. May reject with anything, which then counts
 * as `unreachable`, or with a TransportError, which counts as it is.
 *
 * @param ended gives a signal that ends when nobody waits for the answer any more, made for whoever asks for it
 */
export type Exchange = (message: Uint8Array<ArrayBuffer>, ended: () => AbortSignal) => Promise<Uint8Array>;

/** A call to be made. */
export interface OutgoingCall {
  readonly to: ReplicaId;
  readonly service: string;
  readonly payload: Uint8Array;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

interface WrittenHeader {
  readonly introduction: Introduction | undefined;
  readonly bytes: Uint8Array;
}

/** Headers that are kept: those to more peers than a cluster has are written anew. */
const MAX_HEADERS = 256;

/**
 * The calls that one transport makes: what `Transport.call` promises, whatever carries the bytes. Each call ends by
 * its answer, by its signal or by `dispose`, whichever is first.
 */
export class CallClient implements Disposable {
  readonly #caller: Addressee;
  /** The header to each service of each peer, as it was last sent. */
  readonly #headers = new Map<string, WrittenHeader>();
  /** One for each call in flight: ends the wait for its answer. */
  readonly #ends = new Set<(error: TransportError) => void>();
  #lastCallId = 0;
  #disposed = false;

  /** @param caller who the calls come from */
  constructor(caller: Addressee) {
    this.#caller = caller;
  }

  /** @throws TransportError */
  async make({ to, service, payload, signal }: OutgoingCall, exchange: Exchange): Promise<Uint8Array> {
    if (this.#disposed) throw disposed();
    if (signal.aborted) throw timeout(to, signal);
    if (payload.length > rpcLimits.payloadBytes) {
      throw new TransportError(
        "tooLarge",
        `a payload has at most ${rpcLimits.payloadBytes} bytes, not ${payload.length}`,
      );
    }
    const callId = this.#nextCallId();
    const message = encodeCall({ header: this.#headerTo(to, service), callId, payload });
    const bytes = await this.#waitFor(to, signal, (ended) => exchange(message, ended));
    const answer = readAnswer(to, bytes);
    const { introducer } = this.#caller;
    const refusal = introducer.refusal(to, introducer.read(to, answer.introduction));
    if (refusal !== undefined) throw new TransportError("refused", refusal);
    if (answer.status !== "ok") throw refused(to, answer);
    if (answer.callId !== callId) {
      throw new TransportError("refused", `${to} answered another call than ${service} ${callId}`);
    }
    return answer.content;
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
    // Neither has a blank in it.
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
    exchange: (ended: () => AbortSignal) => Promise<Uint8Array>,
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
      exchange(ended).then(
        (bytes) => {
          finish();
          resolve(bytes);
        },
        (error: unknown) => end(asTransportError(to, error)),
      );
    });
  }
}

function readAnswer(from: ReplicaId, bytes: Uint8Array): Answer {
  try {
    return decodeAnswer(bytes);
  } catch (error) {
    throw new TransportError("refused", `${from} answered with something else than a reply`, {
      cause: error,
      mistake: `its answer can't be read: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

function refused(by: ReplicaId, { status, content }: Answer): TransportError {
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
  return new TransportError("timeout", `the wait for ${to} was ended`, { cause: signal.reason });
}

function disposed(): TransportError {
  return new TransportError("unreachable", "the transport was disposed");
}
