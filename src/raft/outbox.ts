import type { Durability } from "./durability.ts";
import type { AppendEntriesReply, InstallSnapshotReply, RaftReply, RaftRequest } from "./messages.ts";
import type { Outgoing } from "./ready.ts";
import type { ReplicaId } from "./types.ts";

interface Held {
  readonly message: Outgoing;
  readonly hardStateVersion: number;
  readonly index: number;
}

/**
 * The messages of a replica, each held back until what it promises is durable (§5: "before responding to
 * RPCs"; storage before messages). A request rests on the term and the vote of the moment it was made. A reply rests on
 * the whole hard state, because a promise counts only if both sides noted it (see reliances.ts); an acknowledgement of
 * entries rests on those entries too.
 *
 * A request does not wait for what was noted since its term began: a leader that notes a peer would otherwise send no
 * heartbeats for the length of a write, and be deposed if its disk is slow.
 */
export class Outbox {
  readonly #durability: Durability;
  #ready: Outgoing[] = [];
  #held: Held[] = [];

  constructor(durability: Durability) {
    this.#durability = durability;
  }

  request(to: ReplicaId, request: RaftRequest): void {
    this.#post({ type: "request", to, request }, this.#durability.ballotVersion, 0);
  }

  reply(callId: number, reply: RaftReply): void {
    this.#post({ type: "reply", callId, reply }, this.#durability.hardStateVersion, 0);
  }

  /** A pre-vote, asked for or given: it binds nobody (thesis §9.6), and so waits for no write. */
  preVote(message: Outgoing): void {
    this.#ready.push(message);
  }

  /** A reply that says: all entries up to `index` are stored here. */
  acknowledge(callId: number, reply: AppendEntriesReply | InstallSnapshotReply, index: number): void {
    this.#post({ type: "reply", callId, reply }, this.#durability.hardStateVersion, index);
  }

  /**
   * A new term began: entries whose acknowledgement still waits may be replaced before they are durable, so
   * the old leader must not hear of them any more. It learns of the new term instead.
   */
  termChanged(currentTerm: number): void {
    const hardStateVersion = this.#durability.hardStateVersion;
    this.#held = this.#held.map((held) =>
      held.index === 0 ? held : { hardStateVersion, index: 0, message: withdrawn(held.message, currentTerm) },
    );
  }

  /** What may leave now. */
  take(): Outgoing[] {
    if (this.#held.length > 0) {
      const held = this.#held;
      this.#held = [];
      for (const item of held) {
        if (this.#durability.isDurable(item)) this.#ready.push(item.message);
        else this.#held.push(item);
      }
    }
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #post(message: Outgoing, hardStateVersion: number, index: number): void {
    const item: Held = { message, hardStateVersion, index };
    if (this.#durability.isDurable(item)) this.#ready.push(message);
    else this.#held.push(item);
  }
}

function withdrawn(message: Outgoing, term: number): Outgoing {
  if (message.type !== "reply") return message;
  const { callId, reply } = message;
  switch (reply.type) {
    case "appendEntries":
      return {
        type: "reply",
        callId,
        reply: { type: "appendEntries", term, round: reply.round, success: false, conflict: undefined },
      };
    case "installSnapshot":
      return { type: "reply", callId, reply: { ...reply, term, installed: false } };
    case "requestVote":
    case "askAdmission":
      return message;
  }
}
