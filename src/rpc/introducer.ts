import type { Introduction, Introductions } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { introductionBytes, readIntroduction } from "./introduction.ts";
import { isSame } from "./same-bytes.ts";

/** Limit of remembered introductions: more than a cluster has voters. */
const MAX_PEERS = 16;

interface Received {
  readonly bytes: Uint8Array;
  readonly introduction: Introduction | undefined;
}

/** The introductions in this replica's messages, and those in the messages of its peers. */
export class Introducer {
  /** Provides the first and judges the second. Undefined if messages carry no introduction. Set once. */
  introductions: Introductions | undefined;
  /** The last introduction of each peer. */
  readonly #received = new Map<ReplicaId, Received>();

  /** The introduction in messages to a peer; the same object as long as nothing changes. */
  to(peer: ReplicaId): Introduction | undefined {
    return this.introductions?.to(peer);
  }

  bytesTo(peer: ReplicaId): Uint8Array {
    return introductionBytes(this.to(peer));
  }

  /** Decodes the introduction in a peer's message. The same bytes as last time give the same object. */
  read(peer: ReplicaId, bytes: Uint8Array): Introduction | undefined {
    const last = this.#received.get(peer);
    if (last !== undefined && isSame(last.bytes, bytes)) return last.introduction;
    const received = { bytes: bytes.slice(), introduction: readIntroduction(bytes) };
    const [oldest] = this.#received.keys();
    if (last === undefined && this.#received.size >= MAX_PEERS && oldest !== undefined) {
      this.#received.delete(oldest);
    }
    this.#received.set(peer, received);
    return received.introduction;
  }

  /** Why a message of a peer is refused, as a sentence; undefined if it is accepted. */
  refusal(peer: ReplicaId, introduction: Introduction | undefined): string | undefined {
    return this.introductions?.refusal(peer, introduction);
  }
}
