import { type PeerSeal, peerSeal } from "../../../adapters/seal/index.ts";
import { InvalidConfig } from "../config/index.ts";
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

  private constructor(source: SecretSource, seal: PeerSeal) {
    this.#source = source;
    this.source = source.name;
    this.seal = seal;
  }

  /** @throws InvalidConfig if the secrets can't be used */
  static async open(source: SecretSource, cluster: SealedCluster): Promise<ClusterSecret> {
    const secrets = await usable(source);
    const { clusterId, peerEncryption: encrypts } = cluster;
    return new ClusterSecret(source, peerSeal({ secrets, clusterId, encrypts }));
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
    this.seal.use(await usable(this.#source));
  }
}

async function usable(source: SecretSource): Promise<readonly string[]> {
  const found = await source.read();
  if (found.type === "unusable") throw new InvalidConfig([found.problem]);
  return found.secrets;
}
