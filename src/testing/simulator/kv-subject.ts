import type { KvStoreLimits } from "../../kv/index.ts";
import {
  type CallOptions,
  Clerk,
  Forwarder,
  KvServer,
  type ReadResult,
  type WriteResult,
} from "../../kvraft/index.ts";
import type { RevisionedInput, RevisionedOutput } from "../linearizability/index.ts";
import { checkKeyValueHistory } from "./kv-history.ts";
import type { Client, Ended, ReplicaEnvironment, RunningReplica, Subject, SubjectLimits } from "./subject.ts";
import type { RandomStream } from "./world/index.ts";

/** Ordinary keys, some of which have a special meaning in JavaScript. */
const keys = ["a", "b", "c", "d", "e", "__proto__", "constructor", "ключ"] as const;

const MAX_VALUE_BYTES = 600;

/** Short enough that each run has some. */
const AUDIT_INTERVAL_MS = 700;

/** In some runs sessions are few and expire while they are in use. */
const limits: Partial<KvStoreLimits> = {
  maxValueBytes: MAX_VALUE_BYTES,
  maxPendingPerSession: 4096,
  sessionInUseMs: 1,
};

/** The key-value store with its clerks. */
export const kvSubject: Subject<RevisionedInput, RevisionedOutput> = {
  name: "kvraft",
  check: checkKeyValueHistory,
  closing: keys.map((key) => ({ type: "get", key })),

  async start(...given) {
    return kvReplica(await startServer(...given));
  },

  client({ transport, voters, clock, random }) {
    const forwarder = new Forwarder({ transport, clock });
    const clerk = new Clerk({
      call: (to, request, signal) => forwarder.call(to, request, signal),
      replicas: voters,
      attemptTimeoutMs: 250,
      clock,
      random,
    });
    return clientOf(clerk);
  },

  residents: {
    probe: (id, number) => ({ type: "put", key: `probe of ${id}`, value: `p${number};` }),
  },

  draw(random, number) {
    const key = random.pick(keys);
    switch (random.below(5)) {
      case 0:
      case 1:
        return { type: "get", key };
      case 2:
        return { type: "put", key, value: padded(`p${number};`, random) };
      default:
        return { type: "append", key, value: padded(`a${number};`, random) };
    }
  },
};

/** As {@link kvSubject}, but the clients in the processes of replicas read and write by the callbacks of their clerk. */
export const shortKvSubject: Subject<RevisionedInput, RevisionedOutput> = {
  ...kvSubject,
  name: "kvraft by the short way",
  async start(...given) {
    return shortKvReplica(await startServer(...given));
  },
};

function startServer(
  environment: ReplicaEnvironment,
  { sessionTtlMs, maxSessionsPerOwner, requestTimeoutMs }: SubjectLimits,
): Promise<KvServer> {
  return KvServer.start({
    ...environment,
    limits: { ...limits, sessionTtlMs, maxSessionsPerOwner },
    requestTimeoutMs,
    auditIntervalMs: AUDIT_INTERVAL_MS,
  });
}

/** A replica of the store as driven by a simulation, with a clerk in its process. */
export function kvReplica(server: KvServer): RunningReplica<RevisionedInput, RevisionedOutput> {
  return {
    raft: server.raft,
    state: () => server.snapshot(),
    alarm: () => server.soundness.audit?.alarm,
    client: clientOf(server.clerk()),
  };
}

/** As {@link kvReplica}; its clerk's calls are callbacks. */
export function shortKvReplica(server: KvServer): RunningReplica<RevisionedInput, RevisionedOutput> {
  return { ...kvReplica(server), client: clientOf(new ShortClerk(server.clerk())) };
}

/** A clerk whose reads and writes are made by its callbacks. A signal or a timeout ends the wait alone. */
class ShortClerk implements Calls {
  readonly #clerk: Clerk;

  constructor(clerk: Clerk) {
    this.#clerk = clerk;
  }

  get(key: string, options: CallOptions): Promise<ReadResult> {
    const read = new Promise<ReadResult>((settle, fail) => this.#clerk.read(bytes(key), { settle, fail }));
    return untilEnded(read, options, { type: "unavailable", outcome: "none", reason: "timeout" });
  }

  put(key: string, value: string, options: CallOptions): Promise<WriteResult> {
    return this.#write({ type: "kvPut", key: bytes(key), value: bytes(value) }, options);
  }

  append(key: string, value: string, options: CallOptions): Promise<WriteResult> {
    return this.#write({ type: "kvAppend", key: bytes(key), value: bytes(value) }, options);
  }

  register: Clerk["register"] = (...given) => this.#clerk.register(...given);

  #write(write: Parameters<Clerk["submit"]>[0], options: CallOptions): Promise<WriteResult> {
    const written = new Promise<WriteResult>((settle, fail) => this.#clerk.submit(write, { settle, fail }));
    return untilEnded(written, options, { type: "unavailable", outcome: "unknown", reason: "timeout" });
  }
}

function untilEnded<Result>(call: Promise<Result>, { signal }: CallOptions, ended: Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => resolve(ended), { once: true });
    call.then(resolve, reject);
  });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The calls of a clerk that clients make. */
type Calls = Pick<Clerk, "get" | "put" | "append" | "register">;

function clientOf(clerk: Calls): Client<RevisionedInput, RevisionedOutput> {
  const registrar = new Registrar(clerk);
  return {
    async call(input, signal, timeoutMs) {
      const options = { signal, timeoutMs };
      switch (input.type) {
        case "get":
          return readEnded(await clerk.get(input.key, options));
        case "put": {
          const [written] = await Promise.all([
            clerk.put(input.key, input.value, options),
            registrar.register(input, options),
          ]);
          return writeEnded(written);
        }
        case "append":
          return writeEnded(await clerk.append(input.key, input.value, options));
        default:
          throw new RangeError(`input: a get, put or append, not ${input.type}`);
      }
    },
  };
}

/** The keys beside whose puts a name of the registry is changed. */
const registered: readonly string[] = ["a", "ключ"];

/**
 * Changes names of the registry, beside the operations of the history. What clients observe of them is not checked. The
 * replicas' states must be equal, with the names and the events.
 */
class Registrar {
  readonly #clerk: Calls;
  /** The revision that this client saw last, by name. */
  readonly #revisions = new Map<string, number>();

  constructor(clerk: Calls) {
    this.#clerk = clerk;
  }

  async register(
    { key, value }: RevisionedInput & { readonly value: string },
    options: CallOptions,
  ): Promise<void> {
    if (!registered.includes(key)) return;
    const expected = this.#revisions.get(key);
    // Values of an even length remove the name.
    const result = await this.#clerk.register(key, value.length % 2 === 0 ? undefined : value, {
      ...options,
      event: value,
      ...(expected !== undefined && { expected }),
    });
    if (result.type === "written" || result.type === "conflict") this.#revisions.set(key, result.revision);
  }
}

/** Returns a token; sometimes padded to the maximum length of a value, or to one byte more. */
function padded(token: string, random: RandomStream): string {
  if (!random.chance(40)) return token;
  return token.padEnd(MAX_VALUE_BYTES + random.below(2), ".");
}

function readEnded(result: ReadResult): Ended<RevisionedOutput> {
  if (result.type !== "value") return { type: "none" };
  const { value, revision } = result;
  const text = value && new TextDecoder().decode(value);
  return { type: "done", output: { type: "value", value: text, revision } };
}

function writeEnded(result: WriteResult): Ended<RevisionedOutput> {
  switch (result.type) {
    case "written":
      return { type: "done", output: result };
    case "tooLarge":
      return { type: "none" };
    case "unavailable":
      return { type: result.outcome };
  }
}
