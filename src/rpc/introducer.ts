import type { Introduction, Introductions } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { introductionBytes, readIntroduction } from "./introduction.ts";
import { isSame } from "./same-bytes.ts";

/** Peers whose last introduction is remembered: more than a cluster has voters. */
const MAX_PEERS = 16;

interface Heard {
  readonly bytes: Uint8Array;
  readonly introduction: Introduction | undefined;
}

/** What a replica says of itself in its messages, and what those of its peers say. */
export class Introducer {
  /** Who decides on both; undefined if messages say nothing. Set once. */
  introductions: Introductions | undefined;
  readonly #heard = new Map<ReplicaId, Heard>();

  /** What messages to a peer say; the same object as long as nothing changes. */
  to(peer: ReplicaId): Introduction | undefined {
    return this.introductions?.to(peer);
  }

  bytesTo(peer: ReplicaId): Uint8Array {
    return introductionBytes(this.to(peer));
  }

  /** Reads what a message of a peer says. The same bytes as last time give the same object. */
  read(peer: ReplicaId, bytes: Uint8Array): Introduction | undefined {
    const last = this.#heard.get(peer);
    if (last !== undefined && isSame(last.bytes, bytes)) return last.introduction;
    const heard = { bytes: bytes.slice(), introduction: readIntroduction(bytes) };
    const [oldest] = this.#heard.keys();
    if (last === undefined && this.#heard.size >= MAX_PEERS && oldest !== undefined) {
      this.#heard.delete(oldest);
    }
    this.#heard.set(peer, heard);
    return heard.introduction;
  }

  /** Why a message of a peer is refused, as a sentence; undefined if it is the peer's. */
  refusal(peer: ReplicaId, introduction: Introduction | undefined): string | undefined {
    return this.introductions?.refusal(peer, introduction);
  }
}
