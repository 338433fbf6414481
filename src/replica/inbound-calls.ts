import {
  invariant,
  type RaftReply,
  type RaftRequest,
  type ReplicaId,
  type RoleName,
  senderOf,
} from "../raft/index.ts";

interface Call {
  readonly resolve: (reply: RaftReply) => void;
  readonly reject: (error: Error) => void;
}

/** @throws Error if the sender is not the one that the request names, or if this replica is bootstrapping and can't answer */
export function checkRequest(from: ReplicaId, request: RaftRequest, role: RoleName): void {
  const sender = senderOf(request);
  if (sender !== from) throw new Error(`${from} may not send for ${sender}`);
  if (role === "bootstrapping" && request.type !== "bootstrapCheck")
    throw new Error(
      "this replica is bootstrapping: its storage is empty, and not all peers have confirmed that it is new",
    );
}

/** The calls of peers that wait for their reply. */
export class InboundCalls {
  #lastId = 0;
  readonly #calls = new Map<number, Call>();

  add(): { readonly callId: number; readonly reply: Promise<RaftReply> } {
    const callId = ++this.#lastId;
    const reply = new Promise<RaftReply>((resolve, reject) => {
      this.#calls.set(callId, { resolve, reject });
    });
    return { callId, reply };
  }

  answer(callId: number, reply: RaftReply): void {
    this.#check(callId);
    this.#calls.get(callId)?.resolve(reply);
    this.#calls.delete(callId);
  }

  /** A call that gets no reply from the core. */
  unanswered(callId: number): void {
    this.#check(callId);
    this.#calls.get(callId)?.reject(new Error("too many calls wait for this replica's disk"));
    this.#calls.delete(callId);
  }

  /** Refuses all calls that wait for a reply: they wait for a write that may never end, and would fill the memory. */
  diskHangs(): void {
    this.#refuseAll("this replica's disk does not finish a write");
  }

  stop(): void {
    this.#refuseAll("the replica has stopped");
  }

  /** The call may be refused by now, but a peer made it. */
  #check(callId: number): void {
    invariant(callId >= 1 && callId <= this.#lastId, "a reply is to a call that a peer made");
  }

  #refuseAll(reason: string): void {
    if (this.#calls.size === 0) return;
    const error = new Error(reason);
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
  }
}
