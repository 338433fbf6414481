import { invariant } from "./invariant-violation.ts";
import type { Durability } from "./log/durability.ts";
import type { AppendEntriesReply, InstallSnapshotReply, RaftReply, RaftRequest } from "./messages.ts";
import type { Outgoing } from "./ready.ts";
import type { ReplicaId } from "./types.ts";

/** Limit for held messages. A cluster has far fewer in flight unless the disk hangs. */
const MAX_HELD = 1024;

const none: readonly number[] = [];

interface Held {
  readonly message: Outgoing;
  readonly hardStateVersion: number;
  readonly index: number;
}

/**
 * The messages of a replica. Each is held until what it promises is durable (§5: "before responding to RPCs"). A
 * request promises the term and the vote of the moment when it was made. A reply promises the whole hard state, because
 * a vote or an acknowledgement counts only if both sides recorded it (see counted-peers.ts). An acknowledgement of
 * entries also promises those entries.
 *
 * A request does not wait for peers that were recorded since its term began. Otherwise a leader that records a peer
 * would send no heartbeats until its write is done, and would be deposed if its disk is slow.
 *
 * A disk that hangs must not fill the memory. Of requests to one peer with the same content only the newest is held,
 * and of replies the newest `MAX_HELD`.
 */
export class Outbox {
  readonly #durability: Durability;
  #ready: Outgoing[] = [];
  #held: Held[] = [];
  #unanswered: number[] = [];

  constructor(durability: Durability) {
    this.#durability = durability;
  }

  /** @param deadlineMs time in ms after which the call fails without a reply. Default: the shortest election timeout */
  request(to: ReplicaId, request: RaftRequest, deadlineMs?: number): void {
    this.#post({ type: "request", to, request, deadlineMs }, this.#durability.ballotVersion, 0);
  }

  reply(callId: number, reply: RaftReply): void {
    this.#post({ type: "reply", callId, reply }, this.#durability.hardStateVersion, 0);
  }

  /** A request or a reply for a pre-vote. It waits for no write, because a pre-vote binds nobody (thesis §9.6). */
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
   * A new term began. Entries whose acknowledgement is held may be replaced before they are durable, so the
   * acknowledgement must not reach the old leader any more. The old leader gets a rejection with the new term instead.
   */
  termChanged(currentTerm: number): void {
    const hardStateVersion = this.#durability.hardStateVersion;
    this.#held = this.#held.map((held) =>
      held.index === 0 ? held : { hardStateVersion, index: 0, message: withdrawn(held.message, currentTerm) },
    );
  }

  /** Returns the messages that may leave now. */
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

  /** Returns the calls that get no reply because too many were held, since the last call of this method. */
  takeUnanswered(): readonly number[] {
    if (this.#unanswered.length === 0) return none;
    const unanswered = this.#unanswered;
    this.#unanswered = [];
    return unanswered;
  }

  /** The second test, after the one in `#post`: a message leaves only after its term is durable (§5). */
  #checkDurable(message: Outgoing): void {
    const content = message.type === "request" ? message.request : message.reply;
    // A request for a pre-vote names a term to come.
    if ("preVote" in content && content.preVote) return;
    invariant(content.term <= this.#durability.durableTerm, "§5 no promise is sent before it is durable");
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

/**
 * Returns whether a newer request makes a held one superfluous. Neither of the two carries anything that must arrive.
 */
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
