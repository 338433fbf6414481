import { invariant, type ReadOutcome, type ReplicaId } from "../raft/index.ts";
import { Deferred } from "./deferred.ts";
import type { Authority } from "./outcome.ts";

/** The waiting reads: first for a quorum to confirm the leader, then for their index to be applied. */
export class Reads {
  #lastId = 0;
  #lastApplied = 0;
  readonly #unconfirmed = new Map<number, Deferred<Authority>>();
  #confirmed: { readonly readIndex: number; readonly pending: Deferred<Authority> }[] = [];

  add(signal: AbortSignal | undefined): { readonly readId: number; readonly authority: Promise<Authority> } {
    const readId = ++this.#lastId;
    const pending = new Deferred<Authority>(signal, (aborted) => {
      this.#unconfirmed.delete(readId);
      aborted.settle({ type: "timeout" });
    });
    this.#unconfirmed.set(readId, pending);
    return { readId, authority: pending.promise };
  }

  decided({ readId, readIndex }: ReadOutcome, leader: ReplicaId | undefined): void {
    invariant(readId >= 1 && readId <= this.#lastId, "a read that has an outcome was requested");
    const pending = this.#unconfirmed.get(readId);
    if (pending === undefined) return;
    invariant(readIndex === undefined || readIndex >= 1, "thesis §6.4 a read waits for a committed entry");
    this.#unconfirmed.delete(readId);
    if (readIndex === undefined) pending.settle({ type: "notLeader", leader });
    else this.#confirmed.push({ readIndex, pending });
  }

  applied(lastApplied: number): void {
    invariant(lastApplied >= this.#lastApplied, "§5.3 the last applied index never decreases");
    this.#lastApplied = lastApplied;
    if (this.#confirmed.length === 0) return;
    this.#confirmed = this.#confirmed.filter(({ readIndex, pending }) => {
      if (readIndex > lastApplied) return true;
      pending.settle({ type: "verified", readIndex });
      return false;
    });
  }

  stop(): void {
    for (const pending of this.#unconfirmed.values())
      pending.settle({ type: "notLeader", leader: undefined });
    for (const { pending } of this.#confirmed) pending.settle({ type: "notLeader", leader: undefined });
    this.#unconfirmed.clear();
    this.#confirmed = [];
  }
}
