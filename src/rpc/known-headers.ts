import type { Introduction } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { isSame } from "./same-bytes.ts";

/** The fields that are needed of a header that was accepted. */
export interface KnownHeader {
  readonly from: ReplicaId;
  readonly service: string;
  readonly introduction: Introduction | undefined;
}

/** Limit of remembered headers: more than one for each peer and service. */
const MAX_HEADERS = 64;

/** Headers of calls that were decoded and accepted. Most calls repeat such a header, and are only compared with it. */
export class KnownHeaders {
  readonly #known: { readonly bytes: Uint8Array; readonly header: KnownHeader }[] = [];
  #next = 0;

  find(bytes: Uint8Array): KnownHeader | undefined {
    for (const known of this.#known) if (isSame(known.bytes, bytes)) return known.header;
    return undefined;
  }

  /** Remembers a header. If there are too many, it replaces the oldest. */
  add(bytes: Uint8Array, header: KnownHeader): void {
    this.#known[this.#next] = { bytes: bytes.slice(), header };
    this.#next = (this.#next + 1) % MAX_HEADERS;
  }
}
