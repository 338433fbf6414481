import type { KvReply, KvRequest, WriteTicket } from "../kv/index.ts";
import { invariant, type ReplicaId } from "../raft/index.ts";
import type { Deadline } from "../replica/index.ts";
import type { ReadResult, UnavailableReason, WriteResult } from "./results.ts";
import type { HeldTicket } from "./session.ts";
import type { SweptDeadlines, SweptWait } from "./swept-deadlines.ts";

/** A request of one type without its ticket. */
export type OneOf<Type extends KvRequest["type"]> = Omit<
  Extract<KvRequest, { type: Type }>,
  keyof WriteTicket
>;

/** A write of a client, without the ticket that its clerk adds. */
export interface KvWrite {
  readonly type: "kvPut" | "kvAppend";
  /** At most 4 KiB. */
  readonly key: Uint8Array;
  /** At most 1 MiB. */
  readonly value: Uint8Array;
}

/** Receives the result of one call. Exactly one of the two is called, once. */
export interface Receiver<Result> {
  settle(result: Result): void;
  /** The call failed because of a bug. */
  fail(bug: unknown): void;
}

/** Where the reply to a call goes, called once. */
export interface ReplyWait {
  settle(reply: KvReply): void;
}

/** The store of the replica in a clerk's process. It replies to each call once, possibly before the call returns. */
export interface LocalStore {
  readonly id: ReplicaId;
  /** Whether the replica leads, as far as it knows. */
  leads(): boolean;
  /** Reads a value linearizably. */
  read(key: Uint8Array, wait: ReplyWait): void;
  /** Proposes a write whose ticket was never sent. @throws RangeError if a part exceeds its limit */
  write(write: KvWrite, ticket: WriteTicket, wait: ReplyWait): void;
}

/** What the short calls of a clerk share. */
export interface ShortCalls {
  readonly deadlines: SweptDeadlines;
  /** The replica of this process has replied with a result. */
  answered(): void;
  /** Returns why a call whose time is up has no result. */
  whyNone(): UnavailableReason;
  /** Continues a read that got another reply than a value. */
  readOn(read: OneOf<"kvGet">, reply: KvReply, wait: Deadline): Promise<ReadResult>;
  /** Continues a write that got another reply than a result, with the same ticket. */
  writeOn(write: KvWrite, begun: Begun, wait: Deadline): Promise<WriteResult>;
}

/** A write that was sent once by the short way. */
export interface Begun {
  readonly ticket: HeldTicket;
  readonly reply: KvReply;
}

/**
 * A call of a clerk to the replica of its own process. This one object is its wait and its deadline: there is no promise,
 * no signal and no timer of the call, until it gets a reply that leads to other replicas.
 */
abstract class ShortCall<Result> implements SweptWait, ReplyWait {
  readonly endsAtMs: number;
  protected readonly calls: ShortCalls;
  #receiver: Receiver<Result> | undefined;
  /** Ends the ordinary way, once the call continues there. */
  #ordinary: AbortController | undefined;

  constructor(calls: ShortCalls, receiver: Receiver<Result>) {
    this.calls = calls;
    this.#receiver = receiver;
    this.endsAtMs = calls.deadlines.endsAtMs();
    calls.deadlines.add(this);
  }

  /** Called with the reply of the replica of this process, unless the time was up before. */
  protected abstract replied(reply: KvReply): void;
  /** Called if the time is up before there is a reply. */
  protected abstract unanswered(): void;

  settle(reply: KvReply): void {
    if (this.#receiver !== undefined) this.replied(reply);
  }

  timeUp(): void {
    if (this.#ordinary === undefined) this.unanswered();
    else this.#ordinary.abort();
  }

  protected end(result: Result): void {
    this.#over().settle(result);
  }

  /** Goes the ordinary way for the rest of the time. */
  protected continue(run: (wait: Deadline) => Promise<Result>): void {
    invariant(this.#ordinary === undefined, "a replica replies to a call once");
    this.#ordinary = new AbortController();
    const { signal } = this.#ordinary;
    run({ signal, endsAtMs: this.endsAtMs, [Symbol.dispose]: () => {} }).then(
      (result) => this.end(result),
      (bug) => this.#over().fail(bug),
    );
  }

  #over(): Receiver<Result> {
    const receiver = this.#receiver;
    invariant(receiver !== undefined, "a call has one result");
    this.#receiver = undefined;
    this.calls.deadlines.delete(this);
    return receiver;
  }
}

/** A read by the short way. */
export class ShortRead extends ShortCall<ReadResult> {
  readonly #read: OneOf<"kvGet">;

  constructor(calls: ShortCalls, read: OneOf<"kvGet">, receiver: Receiver<ReadResult>) {
    super(calls, receiver);
    this.#read = read;
  }

  protected replied(reply: KvReply): void {
    if (reply.type !== "value") {
      return this.continue((wait) => this.calls.readOn(this.#read, reply, wait));
    }
    this.calls.answered();
    this.end(reply);
  }

  protected unanswered(): void {
    this.end({ type: "unavailable", outcome: "none", reason: this.calls.whyNone() });
  }
}

/** A write by the short way. */
export class ShortWrite extends ShortCall<WriteResult> {
  readonly #write: KvWrite;
  readonly #ticket: HeldTicket;

  constructor(calls: ShortCalls, write: KvWrite, ticket: HeldTicket, receiver: Receiver<WriteResult>) {
    super(calls, receiver);
    this.#write = write;
    this.#ticket = ticket;
  }

  protected replied(reply: KvReply): void {
    if (reply.type !== "written" && reply.type !== "tooLarge") {
      return this.continue((wait) => this.calls.writeOn(this.#write, { ticket: this.#ticket, reply }, wait));
    }
    this.calls.answered();
    this.#ticket[Symbol.dispose]();
    this.end(reply);
  }

  /** The write may take effect later, so its ticket is not used again. */
  protected unanswered(): void {
    this.#ticket[Symbol.dispose]();
    this.end({ type: "unavailable", outcome: "unknown", reason: this.calls.whyNone() });
  }
}
