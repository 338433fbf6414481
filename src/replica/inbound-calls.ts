import type { RaftReply } from "../raft/index.ts";

interface Call {
  readonly resolve: (reply: RaftReply) => void;
  readonly reject: (error: Error) => void;
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

  stop(): void {
    for (const call of this.#calls.values()) call.reject(new Error("the replica has stopped"));
    this.#calls.clear();
  }
}
