import type { Clerk } from "../../kvraft/index.ts";
import type { Clock } from "../../ports/index.ts";
import type { AccessRecords } from "./access-records.ts";
import type { Credentials } from "./credentials.ts";
import { encodeEvent } from "./events.ts";
import { hashOf } from "./token-hash.ts";
import { encodeToken, tokenPrefix } from "./token-record.ts";
import { isToken, newToken } from "./token-text.ts";
import { isAdmin } from "./tokens.ts";

/** The file that keeps the text of the first token. */
export interface AdminTokenFile {
  /** Returns its content without white space, or undefined if it is missing or others can read it. */
  read(): Promise<string | undefined>;
  /**
   * Creates it for its owner alone, and syncs it.
   *
   * @throws if it exists or can't be created
   */
  create(text: string): Promise<void>;
  remove(): Promise<void>;
}

export interface FirstAdminOptions {
  readonly records: AccessRecords;
  readonly credentials: Credentials;
  /** Reaches the leader. */
  readonly clerk: Pick<Clerk, "commitSentinel">;
  readonly isLeader: () => boolean;
  /** Who creates the token, such as `replica n1`. */
  readonly who: string;
  readonly wallTime: () => string;
  readonly clock: Pick<Clock, "setTimer">;
  /** Undefined if this replica keeps nothing. */
  readonly file: AdminTokenFile | undefined;
  /** Shows the token once it is valid. `notKept` is why the file could not be written, undefined if it was. */
  readonly show: (token: string, notKept: string | undefined) => void;
}

/** A token that this replica proposed. */
interface Proposed {
  readonly token: string;
  readonly isNewFile: boolean;
  readonly notKept: string | undefined;
}

/** The name to register, and the revision of its present record, 0 if there is none. */
interface Target {
  readonly name: string;
  readonly revision: number;
}

const retryMs = 1000;
const barrierMs = 5000;
const names = ["admin", "admin-2", "admin-3", "admin-4"] as const;

/**
 * Creates the token `admin` if no valid token with the scope `admin` exists: the leader does so when it begins to lead. The
 * file is written before the token is proposed, and a file that is there is used again. So a token that was committed
 * before a crash is not lost.
 */
export class FirstAdmin {
  readonly #options: FirstAdminOptions;
  readonly #stopping = new AbortController();
  #isRunning = false;
  /** Ends the pause between two attempts. */
  #wake: () => void = () => {};
  #proposed: Proposed | undefined;

  constructor(options: FirstAdminOptions) {
    this.#options = options;
  }

  /** Must be called after each change of the leader. Resolves when there is a token, or this replica does not lead. */
  async ensure(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isResponsible() && !(await this.#attempt())) await this.#pause();
    } finally {
      this.#isRunning = false;
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#wake();
  }

  /** A replica that no longer leads waits until it knows whether its own token was committed. */
  #isResponsible(): boolean {
    return !this.#stopping.signal.aborted && (this.#options.isLeader() || this.#proposed !== undefined);
  }

  async #attempt(): Promise<boolean> {
    const { records, credentials, clerk, isLeader } = this.#options;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(barrierMs)]);
    const barrier = await clerk.commitSentinel({ signal });
    if (barrier.type !== "written") return false;
    if (!(await records.reached(barrier.revision, signal))) return false;
    if ([...credentials.all()].some((each) => isAdmin(each, credentials))) {
      await this.#settle();
      return true;
    }
    if (!isLeader()) return false;
    // Chosen before any wait, so that a token which another replica creates meanwhile is a conflict.
    const target = this.#target();
    this.#proposed ??= await this.#prepare();
    return (await this.#propose(this.#proposed.token, target)) && this.#attempt();
  }

  /** Chooses the text, and keeps it. */
  async #prepare(): Promise<Proposed> {
    const { file } = this.#options;
    const kept = await file?.read();
    if (kept !== undefined && isToken(kept)) return { token: kept, isNewFile: false, notKept: undefined };
    const token = newToken();
    if (file === undefined) return { token, isNewFile: false, notKept: "this replica keeps nothing on disk" };
    try {
      await file.create(token);
      return { token, isNewFile: true, notKept: undefined };
    } catch (error) {
      return { token, isNewFile: false, notKept: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Chooses a name without a valid token. */
  #target(): Target {
    const { records, credentials } = this.#options;
    const valid = [...credentials.all()].filter((each) => !credentials.isExpired(each));
    const name = names.find((each) => valid.every((token) => token.name !== each)) ?? "admin";
    return { name, revision: records.get(tokenPrefix + name)?.revision ?? 0 };
  }

  /** Returns whether the outcome is known. The next attempt finds what was committed. */
  async #propose(token: string, { name, revision }: Target): Promise<boolean> {
    const { records, who, wallTime } = this.#options;
    const at = wallTime();
    const value = encodeToken({ hash: await hashOf(token), may: ["admin"], createdAt: at });
    const event = encodeEvent({ at, who, from: null, what: `created token ${name}: admin` });
    const result = await records.register(tokenPrefix + name, value, { expected: revision, event });
    return result.type === "written" || result.type === "conflict";
  }

  /** There is a token. Shows it if it is this replica's. */
  async #settle(): Promise<void> {
    const proposed = this.#proposed;
    this.#proposed = undefined;
    if (proposed === undefined) return;
    const { credentials, file, show } = this.#options;
    if ((await credentials.identify(proposed.token)) !== undefined) show(proposed.token, proposed.notKept);
    else if (proposed.isNewFile) await file?.remove();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.setTimer(retryMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
