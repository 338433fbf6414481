import { type ReplyOf, type RpcReply, type RpcRequest, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { Addressee } from "./answer.ts";
import { isReplyTo } from "./contract.ts";
import { decodeAnswer, encodeCall, type RpcAnswer } from "./envelope.ts";
import { mistakeBehind, mistakeIn } from "./mistakes.ts";

/**
 * Carries the bytes of a call to a peer and those of its answer back. May reject with anything, which then counts
 * as `unreachable`, or with a TransportError, which counts as it is.
 *
 * @param ended gives a signal that ends when nobody waits for the answer any more, made for whoever asks for it
 */
export type Exchange = (bytes: Uint8Array<ArrayBuffer>, ended: () => AbortSignal) => Promise<Uint8Array>;

/**
 * The calls that one transport makes: what `Transport.call` promises, whatever carries the bytes. Each call ends by
 * its answer, by its signal or by `dispose`, whichever is first.
 */
export class OutgoingCalls implements Disposable {
  readonly #caller: Addressee;
  /** One for each call in flight: ends the wait for its answer. */
  readonly #ends = new Set<(error: TransportError) => void>();
  #lastCallId = 0;
  #disposed = false;

  /** @param caller who the calls come from */
  constructor(caller: Addressee) {
    this.#caller = caller;
  }

  /** @throws TransportError */
  async make<Request extends RpcRequest>(
    to: ReplicaId,
    request: Request,
    signal: AbortSignal,
    exchange: Exchange,
  ): Promise<ReplyOf<Request>> {
    if (this.#disposed) throw disposed();
    if (signal.aborted) throw timeout(to, signal);
    const callId = ++this.#lastCallId;
    const { clusterId, self: from } = this.#caller;
    const { introductions } = this.#caller;
    const call = encodeCall({ clusterId, from, to, callId, introduction: introductions?.to(to), request });
    const bytes = await this.#waitFor(to, signal, (ended) => exchange(call, ended));
    const answer = readAnswer(to, bytes);
    const refusal = introductions?.refusal(to, answer.introduction);
    if (refusal !== undefined) throw new TransportError("refused", refusal);
    if (answer.type === "refusal") {
      throw new TransportError("refused", `${to} refused, ${answer.reason}: ${answer.message}`, {
        mistake: mistakeBehind(answer),
      });
    }
    if (answer.callId !== callId || !answers(request, answer.reply)) {
      throw new TransportError("refused", `${to} answered another call than ${request.type} ${callId}`);
    }
    return answer.reply;
  }

  /** Ends every call in flight, and each later one at once, with `unreachable`. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const end of this.#ends) end(disposed());
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

function readAnswer(from: ReplicaId, bytes: Uint8Array): RpcAnswer {
  try {
    return decodeAnswer(bytes);
  } catch (error) {
    throw new TransportError("refused", `${from} answered with something else than a reply`, {
      cause: error,
      mistake: `its answer can't be read: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

function answers<Request extends RpcRequest>(request: Request, reply: RpcReply): reply is ReplyOf<Request> {
  return isReplyTo(request, reply);
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
