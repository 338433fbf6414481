import type { Clerk, KvWrite, ReadResult, Receiver, WriteResult } from "../kvraft/index.ts";
import { type Caller, type Guard, type KeyScope, unrestricted } from "./auth/index.ts";
import type { Bodies } from "./bodies/index.ts";
import { addressOf } from "./client-address.ts";
import { isJsonType } from "./json-body.ts";
import { keyBytes } from "./key.ts";
import { decodedName, getPath } from "./kvstore.ts";
import type { StoreAnswers } from "./store-answers.ts";
import type { WaitingRequests } from "./waiting-requests.ts";
import { writeRequestIn } from "./write-request.ts";

export interface ShortWayOptions {
  readonly clerk: Clerk;
  readonly waiting: WaitingRequests;
  readonly answers: StoreAnswers;
  readonly bodies: Bodies;
  /** Undefined if every client may do everything. */
  readonly guard: Guard | undefined;
  /** Returns the response to a request that failed because of a bug. */
  readonly failed: (request: Request, bug: unknown) => Response;
}

/** Paths of writes, with the type of the write. */
const writes: ReadonlyMap<string, KvWrite["type"]> = new Map([
  ["/kvstore/put", "kvPut"],
  ["/kvstore/append", "kvAppend"],
]);

/** The shortest start of a URL, `http://h`, so that the next slash begins the path. */
const originLength = 8;

const everyone = unrestricted(undefined);

/**
 * Serves gets, puts and appends at the leader, without a router, promises between the parts, or signals.
 *
 * It has no rules: each is a function or an object that it shares with the ordinary way, src/service/kvstore.ts. What it
 * cannot finish at once it leaves to that, before it has used up anything of the request.
 */
export class ShortWay {
  readonly #options: ShortWayOptions;

  constructor(options: ShortWayOptions) {
    this.#options = options;
  }

  /**
   * Answers a request, or returns undefined for the ordinary way.
   *
   * @param client of the request; may have an `address`
   */
  answer(request: Request, client: unknown): Response | Promise<Response> | undefined {
    const { url, method } = request;
    const pathAt = url.indexOf("/", originLength);
    if (method === "GET") {
      if (!url.startsWith(getPath, pathAt) || url.includes("?") || url.includes("#")) return undefined;
      return this.#get(request, client, url.slice(pathAt + getPath.length));
    }
    const type = method === "POST" ? writes.get(url.slice(pathAt)) : undefined;
    return type === undefined ? undefined : this.#write(request, client, type);
  }

  #get(request: Request, client: unknown, encoded: string): Response | Promise<Response> | undefined {
    const { clerk, waiting } = this.#options;
    if (!clerk.readsHere) return undefined;
    const caller = this.#caller(request, client, "read");
    const name = decodedName(encoded);
    if (caller === undefined || name instanceof Response) return undefined;
    const key = keyBytes(name);
    if (key instanceof Response) return undefined;
    const slot = waiting.take();
    if (slot === undefined) return undefined;
    const refusal = caller.refusalFor("read", key);
    if (refusal !== undefined) {
      slot[Symbol.dispose]();
      return refusal;
    }
    return new Promise((resolve) => {
      clerk.read(key, new ReadAnswer(this.#options, { request, slot, resolve }, name));
    });
  }

  #write(request: Request, client: unknown, type: KvWrite["type"]): Promise<Response> | undefined {
    const { clerk, bodies, waiting } = this.#options;
    if (!clerk.writesHere || !isJsonType(request.headers.get("content-type"))) return undefined;
    const caller = this.#caller(request, client, "write");
    if (caller === undefined) return undefined;
    const slot = waiting.take();
    if (slot === undefined) return undefined;
    let begun = false;
    const response = new Promise<Response>((resolve) => {
      const answer = new WriteAnswer(this.#options, { request, slot, resolve }, { type, caller });
      begun = bodies.receive(request, (body) => answer.received(body));
    });
    if (begun) return response;
    slot[Symbol.dispose]();
    return undefined;
  }

  #caller({ headers }: Request, client: unknown, need: KeyScope): Caller | undefined {
    const { guard } = this.#options;
    return guard === undefined ? everyone : guard.known({ headers, address: addressOf(client) }, need);
  }
}

/** A request that waits for the store. */
interface Waiting {
  readonly request: Request;
  readonly slot: Disposable;
  readonly resolve: (response: Response) => void;
}

/** Answers one request with the result of the clerk. */
abstract class Answer<Result> implements Receiver<Result> {
  protected readonly options: ShortWayOptions;
  readonly #waiting: Waiting;
  #isOver = false;

  constructor(options: ShortWayOptions, waiting: Waiting) {
    this.options = options;
    this.#waiting = waiting;
  }

  protected abstract responseTo(result: Result): Response;

  /** Called by the replica as it applies commands: what fails here must not stop it. */
  settle(result: Result): void {
    try {
      this.respond(this.responseTo(result));
    } catch (bug) {
      this.fail(bug);
    }
  }

  fail(bug: unknown): void {
    this.respond(this.options.failed(this.#waiting.request, bug));
  }

  protected respond(response: Response): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { slot, resolve } = this.#waiting;
    slot[Symbol.dispose]();
    resolve(response);
  }
}

class ReadAnswer extends Answer<ReadResult> {
  readonly #name: string;

  constructor(options: ShortWayOptions, waiting: Waiting, name: string) {
    super(options, waiting);
    this.#name = name;
  }

  protected responseTo(result: ReadResult): Response {
    return this.options.answers.read(this.#name, result);
  }
}

const utf8 = new TextEncoder();

class WriteAnswer extends Answer<WriteResult> {
  readonly #type: KvWrite["type"];
  readonly #caller: Caller;

  constructor(
    options: ShortWayOptions,
    waiting: Waiting,
    { type, caller }: { readonly type: KvWrite["type"]; readonly caller: Caller },
  ) {
    super(options, waiting);
    this.#type = type;
    this.#caller = caller;
  }

  received(body: Uint8Array | Response): void {
    try {
      const write = body instanceof Response ? body : writeRequestIn(body);
      if (write instanceof Response) return this.respond(write);
      const refusal = this.#caller.refusalFor("write", write.key);
      if (refusal !== undefined) return this.respond(refusal);
      this.options.clerk.submit({ type: this.#type, key: write.key, value: utf8.encode(write.value) }, this);
    } catch (bug) {
      this.fail(bug);
    }
  }

  protected responseTo(result: WriteResult): Response {
    return this.options.answers.write(result);
  }
}
