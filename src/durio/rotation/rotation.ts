import { randomBytes } from "node:crypto";
import type { Clerk, RegistryView } from "../../kvraft/index.ts";
import type { Clock, Logger } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import {
  encodeEvent,
  type RotationStart,
  type RotationState,
  type SecretRotation,
} from "../../service/index.ts";
import { wallTime } from "../wall-time.ts";
import {
  type RotationRecord,
  type RotationReport,
  recordName,
  reportName,
  secretsAfter,
  stepAfter,
} from "./rotation-record.ts";
import { fingerprintOf, openSecret, sealSecret } from "./sealed-secret.ts";

/** The secrets of this process. */
export interface ChangeableSecrets {
  /** The first one seals. */
  readonly secrets: readonly string[];
  /** Why this process can't change them, as a sentence; undefined if it can. */
  readonly fixedBecause: string | undefined;
  /** Replaces them, durably, and for the messages from now on. */
  change(secrets: readonly string[]): Promise<void>;
}

export interface RotationOptions {
  readonly id: ReplicaId;
  readonly voters: readonly ReplicaId[];
  readonly clusterId: string;
  readonly secrets: ChangeableSecrets;
  /** Makes a secret of random bits. */
  readonly newSecret: () => string;
  readonly registry: Pick<RegistryView, "get" | "changed" | "reached">;
  readonly clerk: Pick<Clerk, "register">;
  readonly isLeader: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Pause in ms after a step that could not be registered. */
const RETRY_MS = 1000;
/** Time in ms that this replica waits until it has applied a change that was made. */
const APPLIED_WITHIN_MS = 5000;

/**
 * Gives all replicas another secret, in three steps, without a moment in which two of them can't open each other's messages.
 * The registry holds the step, so a rotation continues after any process or leader has ended. The leader begins the next step
 * when all voters have reported the present one.
 */
export class Rotation implements SecretRotation {
  readonly #options: RotationOptions;
  #looks = false;
  #looksAgain = false;
  #cancelRetry: () => void = () => {};
  #ended = false;

  constructor(options: RotationOptions) {
    this.#options = options;
    options.registry.changed(() => this.look());
  }

  /** The rotation in progress; undefined if there is none. */
  state(): RotationState | undefined {
    const record = this.#record();
    if (record === undefined) return undefined;
    const waitingFor = this.#options.voters.flatMap((replica) => {
      const report = this.#reportOf(replica);
      const isDone = isReportOf(report, record) && report?.problem === undefined;
      return isDone ? [] : [{ replica, problem: isReportOf(report, record) ? report?.problem : undefined }];
    });
    return { step: record.step, waitingFor };
  }

  /**
   * Begins a rotation.
   *
   * @param event recorded with it
   */
  async begin(event: Uint8Array): Promise<RotationStart> {
    const { secrets, newSecret, clusterId } = this.#options;
    const [old] = secrets.secrets;
    if (old === undefined || secrets.fixedBecause !== undefined) {
      return { type: "refused", problem: secrets.fixedBecause ?? "this cluster has no secret" };
    }
    const added = newSecret();
    const record: RotationRecord = {
      id: randomBytes(4).toString("hex"),
      step: "spread",
      fingerprint: fingerprintOf(added),
      sealed: sealSecret(added, old, clusterId),
    };
    const result = await this.#register(recordName, record, { expected: 0, event });
    if (result === "conflict") return { type: "refused", problem: "a rotation is in progress already" };
    return { type: result === "written" ? "begun" : "unavailable" };
  }

  /** Does what is due on this replica. Called when the registry or the leader has changed. */
  look(): void {
    if (this.#looks) {
      this.#looksAgain = true;
      return;
    }
    this.#looks = true;
    void this.#run();
  }

  /** Does nothing from now on. */
  stop(): void {
    this.#ended = true;
    this.#cancelRetry();
  }

  async #run(): Promise<void> {
    this.#cancelRetry();
    let isDone = true;
    do {
      this.#looksAgain = false;
      isDone = this.#ended || (await this.#advance());
    } while (this.#looksAgain && !this.#ended);
    this.#looks = false;
    if (!isDone) this.#cancelRetry = this.#options.clock.setTimer(RETRY_MS, () => this.look());
  }

  /** Returns false if something that is due could not be registered. */
  async #advance(): Promise<boolean> {
    const { id, isLeader } = this.#options;
    const record = this.#record();
    const own = this.#reportOf(id);
    if (record === undefined) {
      return own === undefined || (await this.#register(reportName(id), undefined)) !== "unavailable";
    }
    if (!isReportOf(own, record) || own?.problem !== undefined) {
      const report = { id: record.id, step: record.step, problem: await this.#do(record) };
      const isNew = !isReportOf(own, record) || own?.problem !== report.problem;
      const isRegistered = !isNew || (await this.#register(reportName(id), report)) !== "unavailable";
      // What was impossible may be possible after a person has corrected it.
      return isRegistered && report.problem === undefined;
    }
    if (!isLeader() || this.state()?.waitingFor.length !== 0) return true;
    return await this.#beginNext(record);
  }

  /** Does the step on this replica. Returns why that is not possible, as a sentence. */
  async #do({ step, sealed, fingerprint }: RotationRecord): Promise<string | undefined> {
    const { id, secrets, clusterId, logger } = this.#options;
    if (secrets.fixedBecause !== undefined) return secrets.fixedBecause;
    const known = secrets.secrets.find((secret) => fingerprintOf(secret) === fingerprint);
    const added = known ?? openSecret(sealed, secrets.secrets, clusterId);
    if (added === undefined)
      return "its secrets are others than those of the replica that began the rotation";
    const next = secretsAfter(step, secrets.secrets, added);
    try {
      if (next.join() !== secrets.secrets.join()) await secrets.change(next);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    logger.info("{id} has done the step {step} of the rotation to the secret {fingerprint}", {
      ...{ event: "secret.rotated", id, step, fingerprint },
    });
    return undefined;
  }

  async #beginNext(record: RotationRecord): Promise<boolean> {
    const step = stepAfter(record.step);
    const present = this.#options.registry.get(recordName);
    const next = step && { ...record, step };
    const what = step === undefined ? "ended the change of the secret" : `change of the secret: step ${step}`;
    const event = encodeEvent({ at: wallTime(), who: `replica ${this.#options.id}`, from: null, what });
    const result = await this.#register(recordName, next, { expected: present?.revision, event });
    return result !== "unavailable";
  }

  async #register(
    name: string,
    value: object | undefined,
    { expected, event }: { readonly expected?: number | undefined; readonly event?: Uint8Array } = {},
  ): Promise<"written" | "conflict" | "unavailable"> {
    const text = value && JSON.stringify(value);
    const options = { ...(expected !== undefined && { expected }), ...(event !== undefined && { event }) };
    const result = await this.#options.clerk.register(name, text, options);
    if (result.type !== "written" && result.type !== "conflict") return "unavailable";
    // So that this replica shows the change when it says that there is one.
    await this.#options.registry.reached(result.revision, AbortSignal.timeout(APPLIED_WITHIN_MS));
    return result.type;
  }

  #record(): RotationRecord | undefined {
    return this.#read(recordName);
  }

  #reportOf(replica: ReplicaId): RotationReport | undefined {
    return this.#read(reportName(replica));
  }

  #read<Value>(name: string): Value | undefined {
    const entry = this.#options.registry.get(name);
    return entry && JSON.parse(new TextDecoder().decode(entry.value));
  }
}

function isReportOf(report: RotationReport | undefined, { id, step }: RotationRecord): boolean {
  return report?.id === id && report.step === step;
}
