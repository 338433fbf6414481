import { type PeerSeal, peerSeal } from "../../../adapters/seal/index.ts";
import { InvalidConfig } from "../config/index.ts";
import { writeSecrets } from "./secret-file.ts";
import type { SecretSource } from "./secret-source.ts";

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

  private constructor(source: SecretSource, secrets: readonly string[], seal: PeerSeal) {
    this.#source = source;
    this.#secrets = secrets;
    this.source = source.name;
    this.seal = seal;
  }

  /** @throws InvalidConfig if the secrets can't be used */
  static async open(source: SecretSource, cluster: SealedCluster): Promise<ClusterSecret> {
    const secrets = await usable(source);
    const { clusterId, peerEncryption: encrypts } = cluster;
    return new ClusterSecret(source, secrets, peerSeal({ secrets, clusterId, encrypts }));
  }

  /** The file with the secrets, which may change; undefined if they come from a variable. */
  get file(): string | undefined {
    return this.#source.isFile ? this.source : undefined;
  }

  /**
   * Reads the secrets again.
   *
   * @throws InvalidConfig if they can't be used; the present ones stay
   */
  async reload(): Promise<void> {
    this.#use(await usable(this.#source));
  }

  /** Those in use. The first one seals. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Why {@link change} is not possible, as a sentence; undefined if it is. */
  get fixedBecause(): string | undefined {
    return this.#source.fixedBecause;
  }

  /** Replaces the secrets in their file, durably, and then for the messages from now on. */
  async change(secrets: readonly string[]): Promise<void> {
    const { fixedBecause } = this;
    if (fixedBecause !== undefined) throw new Error(fixedBecause);
    await writeSecrets(this.source, secrets);
    this.#use(secrets);
  }

  #use(secrets: readonly string[]): void {
    this.seal.use(secrets);
    this.#secrets = secrets;
  }
}

async function usable(source: SecretSource): Promise<readonly string[]> {
  const found = await source.read();
  if (found.type === "unusable") throw new InvalidConfig([found.problem]);
  return found.secrets;
}
