import { isAudit, isRegister, type KvResult, type KvStore } from "../kv/index.ts";
import type { Logger, StateMachine } from "../ports/index.ts";
import { invariant, type LogPosition, type ReplicaId } from "../raft/index.ts";
import type { AppliedRegistry } from "./applied-registry.ts";

/** The events of an {@link AuditedStore}. */
export interface StoreWatch {
  /** An `audit` was applied. `chunks` returns the current state. */
  auditApplied(index: number, chunks: () => Iterable<Uint8Array>): void;
  /** A snapshot is being taken. */
  snapshotTaken(): void;
}

/** A command that could not be decoded. */
export interface MalformedCommand {
  /** Of its log entry. */
  readonly index: number;
  /** Why it could not be decoded. */
  readonly reason: string;
}

export interface AuditedStoreOptions {
  /** The replica, for log messages. */
  readonly id: ReplicaId;
  readonly store: KvStore;
  /** Receives what was applied. */
  readonly registry: AppliedRegistry;
  readonly logger: Logger;
}

/** The store as a state machine. It reports commands that it can't decode, audits, and changes of the registry. */
export class AuditedStore implements StateMachine<KvResult> {
  readonly #id: ReplicaId;
  readonly #store: KvStore;
  readonly #registry: AppliedRegistry;
  readonly #logger: Logger;
  #malformed: MalformedCommand | undefined;
  /** Gets the events. Set once by the owner. */
  watch: StoreWatch | undefined;

  constructor({ id, store, registry, logger }: AuditedStoreOptions) {
    this.#id = id;
    this.#store = store;
    this.#registry = registry;
    this.#logger = logger;
  }

  /** The last command that could not be decoded, since this replica started. */
  get malformed(): MalformedCommand | undefined {
    return this.#malformed;
  }

  apply(command: Uint8Array, { index }: LogPosition): KvResult {
    const result = this.#store.apply(command, { index });
    checkRevision(result, index);
    if (result.type === "malformed") {
      const { reason } = result;
      this.#malformed = { index, reason };
      const message = "{id} skips the command at index {index}, as all replicas do: {reason}";
      this.#logger.error(message, { event: "command.malformed", id: this.#id, index, reason });
    } else if (isAudit(command)) {
      invariant(
        result.type === "written" && result.revision === index,
        "docs/decisions/0015: a state is hashed at the index of its audit",
      );
      this.watch?.auditApplied(index, () => this.#store.snapshot());
    }
    // A repeated registration has the revision of the first one.
    const isChange = result.type === "written" && result.revision === index && isRegister(command);
    this.#registry.applied(index, isChange);
    return result;
  }

  snapshot(): Iterable<Uint8Array> {
    this.watch?.snapshotTaken();
    return this.#store.snapshot();
  }

  async restore(chunks: AsyncIterable<Uint8Array>, { index }: LogPosition): Promise<void> {
    const restore = this.#store.restore();
    for await (const chunk of chunks) restore.push(chunk);
    restore.finish();
    this.#registry.restored(index);
  }
}

/** Checks a result of the store, before a client gets it. */
function checkRevision(result: KvResult, index: number): void {
  invariant(index >= 1, "revision 0 means that the key does not exist, so no entry has that index");
  invariant(
    result.type !== "written" || (result.revision >= 1 && result.revision <= index),
    "thesis §6.3 a write's revision is its index, or that of the entry that made it first",
  );
  invariant(
    result.type !== "conflict" || (result.revision >= 0 && result.revision < index),
    "a conflict names the revision of a value that an earlier entry wrote, or 0",
  );
}
