import { type Seal, TransportError } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { isSealed, joinSealed, type SealedFrame, type SealedKind, splitSealed } from "./frame.ts";
import type { OwnBoot } from "./own-boot.ts";

/** Carries the bytes of a request, and resolves to those of the answer: none if the peer refused the request unread. */
export type Carry = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

interface SealedRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly tag: Uint8Array;
}

/** What is known of a peer's process. */
interface Peer {
  /** Its boot number; undefined before the first greeting. */
  boot: number | undefined;
  /** Calls without a seal since a hello was last tried. Undefined if the peer answers with a seal. */
  unsealedCalls: number | undefined;
}

/** Calls without a seal between two hellos to a peer that did not answer one. */
const CALLS_BETWEEN_HELLOS = 256;

const nothing = new Uint8Array();

/** Seals the requests to peers, and opens their replies. */
export class SealedCaller {
  readonly #seal: Seal;
  readonly #own: OwnBoot;
  readonly #takesUnsealed: boolean;
  readonly #peers = new Map<ReplicaId, Peer>();

  /** @param takesUnsealed whether to speak without a seal to a peer that does so */
  constructor(seal: Seal, own: OwnBoot, takesUnsealed: boolean) {
    this.#seal = seal;
    this.#own = own;
    this.#takesUnsealed = takesUnsealed;
  }

  /**
   * Sends a message and returns the reply. A peer that does not take it, because its process is another one than before, is
   * asked for its number once, and gets the message again. Each call asks for itself: a hello is short, and a call that
   * waits for the hello of another would end with that call.
   *
   * @throws TransportError if the answer is not a sealed reply to this message; what `carry` throws
   */
  async exchange(to: ReplicaId, message: Uint8Array<ArrayBuffer>, carry: Carry): Promise<Uint8Array> {
    const peer = this.#peerOf(to);
    if (this.#speaksUnsealed(peer)) {
      const answer = await carry(message);
      if (answer.length > 0) return answer;
      peer.unsealedCalls = undefined;
    }
    if (peer.boot !== undefined) {
      const request = this.#request("call", message, peer.boot);
      const answer = await carry(request.bytes);
      if (answer.length > 0) return this.#open(to, "reply", request, answer).content;
    }
    const isGreeted = await this.#greet(to, peer, carry);
    if (!isGreeted || peer.boot === undefined) return carry(message);
    const request = this.#request("call", message, peer.boot);
    return this.#open(to, "reply", request, await carry(request.bytes)).content;
  }

  /** A request that every process with the secret answers by its number. */
  hello(): SealedRequest {
    return this.#request("hello", nothing, 0);
  }

  /** The boot number in the answer to a hello. Undefined if the answer is none. */
  greetingIn(hello: SealedRequest, answer: Uint8Array): number | undefined {
    return this.#verified("greeting", hello, answer)?.sender;
  }

  #peerOf(id: ReplicaId): Peer {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = { boot: undefined, unsealedCalls: undefined };
      this.#peers.set(id, peer);
    }
    return peer;
  }

  #speaksUnsealed(peer: Peer): boolean {
    if (peer.unsealedCalls === undefined) return false;
    peer.unsealedCalls++;
    return peer.unsealedCalls % CALLS_BETWEEN_HELLOS !== 0;
  }

  /** Learns the number of the peer's process. Returns false if the peer has no seal, and need not have one. */
  async #greet(to: ReplicaId, peer: Peer, carry: Carry): Promise<boolean> {
    const hello = this.hello();
    const answer = await carry(hello.bytes);
    const boot = this.greetingIn(hello, answer);
    if (boot !== undefined) {
      peer.boot = boot;
      peer.unsealedCalls = undefined;
      return true;
    }
    if (!this.#takesUnsealed || answer.length === 0 || isSealed(answer)) throw this.#refused(to, answer);
    peer.unsealedCalls ??= 0;
    return false;
  }

  #request(kind: "call" | "hello", content: Uint8Array, receiver: number): SealedRequest {
    const head = this.#own.head({ kind, receiver });
    const sealed = this.#seal.seal(head, nothing, content);
    return { bytes: joinSealed(head, sealed.tag, sealed.content), tag: sealed.tag };
  }

  /** @throws TransportError */
  #open(to: ReplicaId, kind: SealedKind, request: SealedRequest, answer: Uint8Array): SealedFrame {
    const opened = this.#verified(kind, request, answer);
    if (opened === undefined) throw this.#refused(to, answer);
    return opened;
  }

  #verified(kind: SealedKind, request: SealedRequest, answer: Uint8Array): SealedFrame | undefined {
    const frame = splitSealed(answer);
    if (frame?.kind !== kind) return undefined;
    const content = this.#seal.open(frame.head, request.tag, frame);
    return content && { ...frame, content };
  }

  #refused(to: ReplicaId, answer: Uint8Array): TransportError {
    if (answer.length === 0) return refusedUnread(to);
    const mistake = isSealed(answer)
      ? "the seal of its answer is wrong: its secret differs from this replica's, or someone on the way altered it"
      : "it answers without a seal: it needs this cluster's secret (--secret-file)";
    return new TransportError("refused", `${to} gave no sealed reply: ${mistake}`, { mistake });
  }
}

/** The error of a call that the peer refused without a word. */
export function refusedUnread(by: ReplicaId): TransportError {
  const mistake = "it takes no message of this replica: both need the same secret (--secret-file)";
  return new TransportError("refused", `${by} refused the call unread: ${mistake}`, { mistake });
}
