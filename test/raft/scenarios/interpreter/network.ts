import type { Input, Outgoing, Ready, ReplicaId } from "../../../../src/raft/index.ts";
import type { SafetyMonitor } from "../../safety-monitor.ts";
import type { Machine } from "./machine.ts";
import { refusalInWords, replyInWords, requestInWords } from "./message-in-words.ts";
import { type Call, kindOf, type Message } from "./messages.ts";
import type { Recorder } from "./recorder.ts";
import { Wire } from "./wire.ts";

/** The part of the cluster that the network uses. */
interface NetworkCluster {
  readonly recorder: Recorder;
  readonly monitor: SafetyMonitor;
  machine(name: string): Machine;
  step(machine: Machine, input: Input): void;
}

/** A delivered request without a reply. */
interface Pending {
  readonly message: Message;
  readonly at: Machine;
  readonly refusal: string;
}

/** Carries requests and replies, and ends every call once. */
export class Network {
  readonly wire: Wire = new Wire();
  readonly #cluster: NetworkCluster;
  readonly #pending = new Map<number, Pending>();
  readonly #open = new Set<Call>();
  #callIds = 0;

  constructor(cluster: NetworkCluster) {
    this.#cluster = cluster;
  }

  /** Puts the messages of a replica on the wire. Equal messages to several peers are one line of the transcript. */
  send(machine: Machine, { send, sendChunks }: Ready): void {
    const requests = send.filter((message) => message.type === "request");
    const words = new Map<string, ReplicaId[]>();
    for (const { to, request } of requests) {
      const text = requestInWords(request);
      words.set(text, [...(words.get(text) ?? []), to]);
      this.#call({ caller: machine.up, from: machine.id, to, request, sent: request, ended: false });
    }
    for (const [text, to] of words) this.#record(`${machine.id} → ${to.join(", ")}: ${text}`);
    for (const message of send) if (message.type === "reply") this.#reply(message);
    for (const { to, request: sent, maxBytes } of sendChunks) {
      const bytes = machine.image.snapshot?.bytes ?? new Uint8Array();
      const data = bytes.slice(sent.offset, sent.offset + maxBytes);
      const request = { ...sent, data, done: sent.offset + data.length >= bytes.length };
      this.#record(`${machine.id} → ${to}: ${requestInWords(request)}`);
      this.#call({ caller: machine.up, from: machine.id, to, request, sent, ended: false });
    }
  }

  /** Delivers a message, or loses it if its link is cut or its receiver is down. */
  deliver(message: Message): void {
    const receiver = this.#cluster.machine(message.to);
    if (this.wire.isCut(message)) return this.lose(message, "the link is cut");
    if (receiver.replica === undefined) return this.lose(message, `${message.to} is down`);
    if (message.reply === undefined) this.#deliverRequest(receiver, message);
    else this.#deliverReply(receiver, message);
  }

  /** Loses a message: its call fails at the caller. */
  lose(message: Message, why: string): void {
    this.loseAll([message], why);
  }

  loseAll(messages: readonly Message[], why: string): void {
    const lost = new Map<string, { from: ReplicaId; what: string; to: ReplicaId[] }>();
    for (const message of messages) {
      const { from, to, reply } = message;
      const what = reply === undefined ? kindOf(message) : `reply to ${kindOf(message)}`;
      const line = lost.get(`${from} ${what}`) ?? { from, what, to: [] };
      line.to.push(to);
      lost.set(`${from} ${what}`, line);
    }
    for (const { from, what, to } of lost.values()) {
      this.#record(`${from} ↛ ${[...new Set(to)].join(", ")}: ${what} lost, ${why}`);
    }
    for (const { isCopy, call } of messages) if (!isCopy) this.#fail(call);
  }

  /** A replica crashed: the calls that it had not replied to fail. */
  crashed(machine: Machine): void {
    for (const [callId, { message, at }] of this.#pending) {
      if (at !== machine) continue;
      this.#pending.delete(callId);
      if (!message.isCopy) this.#fail(message.call);
    }
  }

  /** Fails all calls of a replica to a peer; late replies are ignored. */
  giveUp(caller: Machine, peer: Machine): void {
    const calls = [...this.#open].filter(({ from, to }) => from === caller.id && to === peer.id);
    if (calls.length === 0) throw new RangeError(`${caller.id} has no call to ${peer.id}`);
    for (const call of calls) this.#fail(call);
  }

  #call(call: Call): void {
    this.#open.add(call);
    this.wire.send({ from: call.from, to: call.to, call, reply: undefined, isCopy: false });
  }

  #deliverRequest(receiver: Machine, message: Message): void {
    const { request } = message.call;
    const callId = ++this.#callIds;
    const view = receiver.up.core.view();
    const refusal = request.type === "requestVote" ? refusalInWords(view, request, receiver.liveLeader) : "";
    this.#pending.set(callId, { message, at: receiver, refusal });
    const leads = request.type === "appendEntries" || request.type === "installSnapshot";
    if (leads && request.term >= view.currentTerm) receiver.leaderContactMs = receiver.nowMs;
    this.#cluster.step(receiver, { type: "request", callId, from: message.from, request });
    const isIgnored = view.role === "bootstrapping" && request.type !== "bootstrapCheck";
    if (isIgnored && this.#pending.delete(callId)) this.lose(message, `${message.to} is bootstrapping`);
  }

  #deliverReply(receiver: Machine, { call, from, reply }: Message): void {
    if (reply === undefined) return;
    if (call.caller !== receiver.replica) {
      return this.#record(`${receiver.id}: has restarted since it called ${from}; the reply is ignored`);
    }
    if (call.ended) {
      return this.#record(`${receiver.id}: its call to ${from} has ended; the reply is ignored`);
    }
    this.#end(call);
    this.#cluster.step(receiver, { type: "reply", from, request: call.request, reply });
  }

  #reply({ callId, reply }: Extract<Outgoing, { type: "reply" }>): void {
    const pending = this.#pending.get(callId);
    if (pending === undefined) throw new Error(`a second reply to call ${callId}`);
    this.#pending.delete(callId);
    const { message, at, refusal } = pending;
    const { call, from, to, isCopy } = message;
    this.#cluster.monitor.replied(at.up, call.request, reply);
    this.#record(`${to} → ${from}: ${replyInWords(call.request, reply, refusal)}`);
    this.wire.send({ from: to, to: from, call, reply, isCopy });
  }

  #fail(call: Call): void {
    const caller = this.#cluster.machine(call.from);
    if (call.ended || caller.replica !== call.caller) return;
    this.#end(call);
    this.#cluster.step(caller, { type: "failed", to: call.to, request: call.sent });
  }

  #end(call: Call): void {
    call.ended = true;
    this.#open.delete(call);
  }

  #record(line: string): void {
    this.#cluster.recorder.add("detail", line);
  }
}
