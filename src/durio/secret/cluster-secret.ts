import { type PeerSeal, peerSeal } from "../../../adapters/seal/index.ts";
import type { Clock, Logger } from "../../ports/index.ts";
import { InvalidConfig } from "../config/index.ts";
import type { SecretSource } from "./secret-source.ts";

/** Interval in ms at which a file of secrets is read again. */
const LOOK_MS = 10_000;

export interface SealedCluster {
  readonly clusterId: string;
  readonly peerEncryption: boolean;
}

/** The secrets of a cluster as this process has them, and the seal made of them. */
export class ClusterSecret {
  /** Where the secrets come from: the path of a file, or the name of a variable. */
  readonly source: string;
  readonly seal: PeerSeal;
  readonly #source: SecretSource;
  #secrets: readonly string[];
  /** The problem of the file that was logged last; undefined if it is in use. */
  #problem: string | undefined;

  private constructor(source: SecretSource, secrets: readonly string[], seal: PeerSeal) {
    this.#source = source;
    this.source = source.name;
    this.#secrets = secrets;
    this.seal = seal;
  }

  /** @throws InvalidConfig if the secrets can't be used */
  static async open(source: SecretSource, cluster: SealedCluster): Promise<ClusterSecret> {
    const found = await source.read();
    if (found.type === "unusable") throw new InvalidConfig([found.problem]);
    const { secrets } = found;
    const { clusterId, peerEncryption: encrypts } = cluster;
    return new ClusterSecret(source, secrets, peerSeal({ secrets, clusterId, encrypts }));
  }

  /** Reads the secrets again. If they can't be used, the present ones stay, and the log says why, once. */
  async reload(logger: Logger): Promise<void> {
    if (!this.#source.isFile) return;
    const found = await this.#source.read();
    if (found.type === "unusable") {
      if (found.problem !== this.#problem) {
        const { problem } = found;
        logger.warn("the secret stays as it was: {problem}", { event: "secret.refused", problem });
      }
      this.#problem = found.problem;
      return;
    }
    this.#problem = undefined;
    if (found.secrets.join("\n") === this.#secrets.join("\n")) return;
    this.#secrets = found.secrets;
    this.seal.use(found.secrets);
    this.log(logger);
  }

  /** Logs which key seals. A key's number says nothing about the secret. */
  log(logger: Logger): void {
    logger.info("messages between replicas are sealed: key {keyNumber}, secrets in {source}: {count}", {
      ...{ event: "secret.loaded", keyNumber: this.seal.keyNumber },
      ...{ source: this.source, count: this.#secrets.length },
    });
  }

  /**
   * Reads the file again every 10 s.
   *
   * @returns stops that
   */
  watch(clock: Clock, logger: Logger): () => void {
    let cancel = clock.setTimer(LOOK_MS, look.bind(this));
    return () => cancel();

    function look(this: ClusterSecret): void {
      cancel = clock.setTimer(LOOK_MS, look.bind(this));
      void this.reload(logger);
    }
  }
}
