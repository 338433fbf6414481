import type { Input, Outgoing, Ready, ReplicaId } from "../../../../src/raft/index.ts";
import type { SafetyMonitor } from "../../safety-monitor.ts";
import type { Actor } from "./actor.ts";
import { type Call, kindOf, type Letter } from "./letters.ts";
import { refusalInWords, replyInWords, requestInWords } from "./message-in-words.ts";
import type { Recorder } from "./recorder.ts";
import { Wire } from "./wire.ts";

/** The stage as seen by the post. */
interface Surroundings {
  readonly recorder: Recorder;
  readonly monitor: SafetyMonitor;
  actor(name: string): Actor;
  step(actor: Actor, input: Input): void;
}

/** A request that waits for its reply at the replica that got it. */
interface Pending {
  readonly letter: Letter;
  readonly at: Actor;
  readonly refusal: string;
}

/** Carries requests there and replies back, and sees to it that every call ends, once. */
export class Post {
  readonly wire: Wire = new Wire();
  readonly #stage: Surroundings;
  readonly #pending = new Map<number, Pending>();
  readonly #open = new Set<Call>();
  #callIds = 0;

  constructor(stage: Surroundings) {
    this.#stage = stage;
  }

  /** What a replica sends goes on the wire; the same words to several are one line. */
  send(actor: Actor, { send, sendChunks }: Ready): void {
    const requests = send.filter((message) => message.type === "request");
    const words = new Map<string, ReplicaId[]>();
    for (const { to, request } of requests) {
      const said = requestInWords(request);
      words.set(said, [...(words.get(said) ?? []), to]);
      this.#call({ caller: actor.up, from: actor.id, to, request, sent: request, ended: false });
    }
    for (const [said, to] of words) this.#tell(`${actor.id} → ${to.join(", ")}: ${said}`);
    for (const message of send) if (message.type === "reply") this.#reply(message);
    for (const { to, request: sent, maxBytes } of sendChunks) {
      const bytes = actor.image.snapshot?.bytes ?? new Uint8Array();
      const data = bytes.slice(sent.offset, sent.offset + maxBytes);
      const request = { ...sent, data, done: sent.offset + data.length >= bytes.length };
      this.#tell(`${actor.id} → ${to}: ${requestInWords(request)}`);
      this.#call({ caller: actor.up, from: actor.id, to, request, sent, ended: false });
    }
  }

  /** A letter arrives, or is lost where its link is cut or nobody is there. */
  deliver(letter: Letter): void {
    const receiver = this.#stage.actor(letter.to);
    if (this.wire.isCut(letter)) return this.lose(letter, "the link is cut");
    if (receiver.replica === undefined) return this.lose(letter, `${letter.to} is down`);
    if (letter.reply === undefined) this.#ask(receiver, letter);
    else this.#answer(receiver, letter);
  }

  /** A letter is lost: the one who called learns that the call brought no reply. */
  lose(letter: Letter, why: string): void {
    this.loseAll([letter], why);
  }

  loseAll(letters: readonly Letter[], why: string): void {
    const lost = new Map<string, { from: ReplicaId; what: string; to: ReplicaId[] }>();
    for (const letter of letters) {
      const { from, to, reply } = letter;
      const what = reply === undefined ? kindOf(letter) : `reply to ${kindOf(letter)}`;
      const line = lost.get(`${from} ${what}`) ?? { from, what, to: [] };
      line.to.push(to);
      lost.set(`${from} ${what}`, line);
    }
    for (const { from, what, to } of lost.values()) {
      this.#tell(`${from} ↛ ${[...new Set(to)].join(", ")}: ${what} lost, ${why}`);
    }
    for (const { isCopy, call } of letters) if (!isCopy) this.#fail(call);
  }

  /** A replica crashed: the calls that it had not answered fail. */
  hungUp(actor: Actor): void {
    for (const [callId, { letter, at }] of this.#pending) {
      if (at !== actor) continue;
      this.#pending.delete(callId);
      if (!letter.isCopy) this.#fail(letter.call);
    }
  }

  /** The caller waits no longer for what it asked of a peer: those calls fail, and late replies are for nobody. */
  giveUp(caller: Actor, peer: Actor): void {
    const calls = [...this.#open].filter(({ from, to }) => from === caller.id && to === peer.id);
    if (calls.length === 0) throw new RangeError(`${caller.id} waits for nothing of ${peer.id}`);
    for (const call of calls) this.#fail(call);
  }

  #call(call: Call): void {
    this.#open.add(call);
    this.wire.send({ from: call.from, to: call.to, call, reply: undefined, isCopy: false });
  }

  #ask(receiver: Actor, letter: Letter): void {
    const { request } = letter.call;
    const callId = ++this.#callIds;
    const view = receiver.up.core.view();
    const refusal = request.type === "requestVote" ? refusalInWords(view, request, receiver.heardLeader) : "";
    this.#pending.set(callId, { letter, at: receiver, refusal });
    const leads = request.type === "appendEntries" || request.type === "installSnapshot";
    if (leads && request.term >= view.currentTerm) receiver.heardLeaderAtMs = receiver.nowMs;
    this.#stage.step(receiver, { type: "request", callId, from: letter.from, request });
    const isIgnored = view.role === "bootstrapping" && request.type !== "bootstrapCheck";
    if (isIgnored && this.#pending.delete(callId)) this.lose(letter, `${letter.to} takes no part yet`);
  }

  #answer(receiver: Actor, { call, from, reply }: Letter): void {
    if (reply === undefined) return;
    if (call.caller !== receiver.replica) {
      return this.#tell(`${receiver.id}: has restarted since it asked ${from}; the reply is for nobody`);
    }
    if (call.ended) {
      return this.#tell(`${receiver.id}: its call to ${from} has ended; this reply counts for nothing`);
    }
    this.#end(call);
    this.#stage.step(receiver, { type: "reply", from, request: call.request, reply });
  }

  #reply({ callId, reply }: Extract<Outgoing, { type: "reply" }>): void {
    const pending = this.#pending.get(callId);
    if (pending === undefined) throw new Error(`a second reply to call ${callId}`);
    this.#pending.delete(callId);
    const { letter, at, refusal } = pending;
    const { call, from, to, isCopy } = letter;
    this.#stage.monitor.replied(at.up, call.request, reply);
    this.#tell(`${to} → ${from}: ${replyInWords(call.request, reply, refusal)}`);
    this.wire.send({ from: to, to: from, call, reply, isCopy });
  }

  #fail(call: Call): void {
    const caller = this.#stage.actor(call.from);
    if (call.ended || caller.replica !== call.caller) return;
    this.#end(call);
    this.#stage.step(caller, { type: "failed", to: call.to, request: call.sent });
  }

  #end(call: Call): void {
    call.ended = true;
    this.#open.delete(call);
  }

  #tell(line: string): void {
    this.#stage.recorder.say("detail", line);
  }
}
