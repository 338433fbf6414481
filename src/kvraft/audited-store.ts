import { isAudit, type KvResult, type KvStore } from "../kv/index.ts";
import type { Logger, StateMachine } from "../ports/index.ts";
import type { LogPosition, ReplicaId } from "../raft/index.ts";

/** What an {@link AuditedStore} tells of. */
export interface StoreWatch {
  /** An `audit` was applied; `chunks` gives the state as it is now. */
  auditApplied(index: number, chunks: () => Iterable<Uint8Array>): void;
  snapshotTaken(): void;
}

/** The last command that could not be decoded. */
export interface MalformedCommand {
  readonly index: number;
  readonly reason: string;
}

/** A store as the log drives it: says what it can't decode, and when its state is to be compared. */
export class AuditedStore implements StateMachine<KvResult> {
  readonly #id: ReplicaId;
  readonly #store: KvStore;
  readonly #logger: Logger;
  #malformed: MalformedCommand | undefined;
  /** Set by whoever compares states. */
  watch: StoreWatch | undefined;

  /** @param id names the replica in what is logged */
  constructor(id: ReplicaId, store: KvStore, logger: Logger) {
    this.#id = id;
    this.#store = store;
    this.#logger = logger;
  }

  /** The last command that could not be decoded since this replica started. */
  get malformed(): MalformedCommand | undefined {
    return this.#malformed;
  }

  apply(command: Uint8Array, { index }: LogPosition): KvResult {
    const result = this.#store.apply(command, { index });
    if (result.type === "malformed") {
      const { reason } = result;
      this.#malformed = { index, reason };
      const message = "{id} passes over the command at index {index}, as all replicas do: {reason}";
      this.#logger.error(message, { event: "command.malformed", id: this.#id, index, reason });
    } else if (isAudit(command)) {
      this.watch?.auditApplied(index, () => this.#store.snapshot());
    }
    return result;
  }

  snapshot(): Iterable<Uint8Array> {
    this.watch?.snapshotTaken();
    return this.#store.snapshot();
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const restore = this.#store.restore();
    for await (const chunk of chunks) restore.push(chunk);
    restore.finish();
  }
}
