import { memoryPersister } from "../../adapters/memory/index.ts";
import { type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { Raft } from "../../src/replica/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";

const voters = ["n1", "n2", "n3"].map(replicaId);
const clusterId = "bench";

/** Three replicas in one process. Messages are encoded and decoded; the storage is memory. */
export class Rafts implements AsyncDisposable {
  readonly #rafts: readonly Raft<void>[];

  private constructor(rafts: readonly Raft<void>[]) {
    this.#rafts = rafts;
  }

  static async start(): Promise<Rafts> {
    const network = new LoopbackNetwork({ clusterId });
    return new Rafts(await Promise.all(voters.map((id) => startRaft(id, network))));
  }

  /**
   * Proposes commands of 100 bytes. Each proposer waits for its last one.
   *
   * @param more called before each command; returns whether to continue
   * @returns the number of commands committed and applied
   */
  async replicate(proposers: number, more: () => boolean): Promise<number> {
    const leader = await this.#leader();
    let committed = 0;
    const propose = async () => {
      while (more()) {
        const { type } = await leader.propose(new Uint8Array(100));
        if (type !== "committed") throw new Error(`a command became ${type}`);
        committed++;
      }
    };
    await Promise.all(Array.from({ length: proposers }, propose));
    return committed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const raft of this.#rafts) await raft.kill();
  }

  async #leader(): Promise<Raft<void>> {
    for await (const _ of this.#rafts[0]?.changes() ?? []) {
      const leader = this.#rafts.find((raft) => raft.getState().isLeader);
      if (leader !== undefined) return leader;
    }
    throw new Error("the replicas ended without a leader");
  }
}

function startRaft(id: ReplicaId, network: LoopbackNetwork): Promise<Raft<void>> {
  return Raft.start<void>({
    id,
    voters,
    transport: network.transport(id),
    persister: memoryPersister({ clusterId, replicaId: id }),
    stateMachine: {
      apply: () => {},
      snapshot: () => [],
      async restore(chunks) {
        for await (const _ of chunks);
      },
    },
    volatileStorage: true,
  });
}
