import { type RaftReply, type RaftRequest, type RaftView, type ReplicaId, speakerOf } from "../raft/index.ts";

interface Call {
  readonly resolve: (reply: RaftReply) => void;
  readonly reject: (error: Error) => void;
}

/** @throws Error if a peer speaks for another one, or asks what a replica that was not let in yet can't answer */
export function checkRequest(from: ReplicaId, request: RaftRequest, { role }: RaftView): void {
  const speaker = speakerOf(request);
  if (speaker !== from) throw new Error(`${from} may not speak for ${speaker}`);
  if (role === "newcomer" && request.type !== "askAdmission")
    throw new Error("this replica has not been let in yet");
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
    this.#calls.get(callId)?.resolve(reply);
    this.#calls.delete(callId);
  }

  /** A call that gets no reply from the core. */
  unanswered(callId: number): void {
    this.#calls.get(callId)?.reject(new Error("too many calls wait for this replica's disk"));
    this.#calls.delete(callId);
  }

  /** What waits for a reply waits for a write that may never end: it is refused, so that it doesn't fill the memory. */
  diskHangs(): void {
    this.#refuseAll("this replica's disk does not finish a write");
  }

  stop(): void {
    this.#refuseAll("the replica has stopped");
  }

  #refuseAll(reason: string): void {
    if (this.#calls.size === 0) return;
    const error = new Error(reason);
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
  }
}
