import { invariant } from "./invariant-violation.ts";
import type { Durability } from "./log/durability.ts";
import type { AppendEntriesReply, InstallSnapshotReply, RaftReply, RaftRequest } from "./messages.ts";
import type { Outgoing } from "./ready.ts";
import type { ReplicaId } from "./types.ts";

/** How many messages are held. Far more than a cluster has under way unless the disk hangs. */
const MAX_HELD = 1024;

const none: readonly number[] = [];

interface Held {
  readonly message: Outgoing;
  readonly hardStateVersion: number;
  readonly index: number;
}

/**
 * The messages of a replica, each held back until what it promises is durable (§5: "before responding to
 * RPCs"; storage before messages). A request rests on the term and the vote of the moment it was made. A reply rests on
 * the whole hard state, because a promise counts only if both sides noted it (see counted-peers.ts); an acknowledgement of
 * entries rests on those entries too.
 *
 * A request does not wait for what was noted since its term began: a leader that notes a peer would otherwise send no
 * heartbeats for the length of a write, and be deposed if its disk is slow.
 *
 * A disk that hangs must not fill the memory: of requests to one peer that say the same only the newest is held, and
 * of replies the newest ones.
 */
export class Outbox {
  readonly #durability: Durability;
  #ready: Outgoing[] = [];
  #held: Held[] = [];
  #unanswered: number[] = [];

  constructor(durability: Durability) {
    this.#durability = durability;
  }

  /** @param deadlineMs after what time the call ends unanswered, in ms; undefined for the usual time */
  request(to: ReplicaId, request: RaftRequest, deadlineMs?: number): void {
    this.#post({ type: "request", to, request, deadlineMs }, this.#durability.ballotVersion, 0);
  }

  reply(callId: number, reply: RaftReply): void {
    this.#post({ type: "reply", callId, reply }, this.#durability.hardStateVersion, 0);
  }

  /** A pre-vote, asked for or given: it binds nobody (thesis §9.6), and so waits for no write. */
  preVote(message: Outgoing): void {
    const { type } = message.type === "request" ? message.request : message.reply;
    invariant(type === "requestVote", "thesis §9.6 only a pre-vote waits for no write");
    this.#ready.push(message);
  }

  /** A reply that says: all entries up to `index` are stored here. */
  acknowledge(callId: number, reply: AppendEntriesReply | InstallSnapshotReply, index: number): void {
    invariant(index >= 0, "§5.3 an acknowledgement is of the log up to an index");
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
    for (const message of ready) this.#checkDurable(message);
    return ready;
  }

  /** The calls that get no reply, since the last time. */
  takeUnanswered(): readonly number[] {
    if (this.#unanswered.length === 0) return none;
    const unanswered = this.#unanswered;
    this.#unanswered = [];
    return unanswered;
  }

  /** The pair of the test in `#post`: whatever a message was held for, no term leaves before it is durable (§5). */
  #checkDurable(message: Outgoing): void {
    const content = message.type === "request" ? message.request : message.reply;
    // A request for a pre-vote names a term to come.
    if ("preVote" in content && content.preVote) return;
    invariant(content.term <= this.#durability.durableTerm, "§5 nothing leaves before it is durable");
  }

  #post(message: Outgoing, hardStateVersion: number, index: number): void {
    const item: Held = { message, hardStateVersion, index };
    if (this.#durability.isDurable(item)) {
      this.#ready.push(message);
      return;
    }
    if (message.type === "request")
      this.#held = this.#held.filter((held) => !isRenewed(held.message, message));
    this.#held.push(item);
    if (this.#held.length > MAX_HELD) this.#dropOldestReply();
  }

  #dropOldestReply(): void {
    const at = this.#held.findIndex(({ message }) => message.type === "reply");
    const [dropped] = this.#held.splice(at, 1);
    invariant(dropped?.message.type === "reply", "requests alone never fill the outbox");
    this.#unanswered.push(dropped.message.callId);
  }
}

/** Whether a request that is held says no more than a newer one does. Nobody counts on the reply to either. */
function isRenewed(held: Outgoing, { to, request }: Extract<Outgoing, { type: "request" }>): boolean {
  if (held.type !== "request" || held.to !== to || held.request.type !== request.type) return false;
  const carriesEntries = (message: RaftRequest) =>
    message.type === "appendEntries" && message.entries.length > 0;
  return held.deadlineMs === undefined && !carriesEntries(held.request) && !carriesEntries(request);
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
    case "bootstrapCheck":
      return message;
  }
}
