import type { Introduction } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { isSame } from "./same-bytes.ts";

/** What is needed of a header whose addresses are this replica's. */
export interface KnownHeader {
  readonly from: ReplicaId;
  readonly service: string;
  readonly introduction: Introduction | undefined;
}

/** Headers that are remembered: one for each peer and service, in any cluster that there is. */
const MAX_HEADERS = 64;

/** Headers of calls that were read and checked: those that come again, as most do, are compared only. */
export class KnownHeaders {
  readonly #known: { readonly bytes: Uint8Array; readonly header: KnownHeader }[] = [];
  #next = 0;

  find(bytes: Uint8Array): KnownHeader | undefined {
    for (const known of this.#known) if (isSame(known.bytes, bytes)) return known.header;
    return undefined;
  }

  /** Remembers a header, in the place of the oldest if there are many. */
  add(bytes: Uint8Array, header: KnownHeader): void {
    this.#known[this.#next] = { bytes: bytes.slice(), header };
    this.#next = (this.#next + 1) % MAX_HEADERS;
  }
}
