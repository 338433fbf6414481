import { sqlitePersister } from "../../adapters/bun-sqlite/index.ts";
import { filePersister } from "../../adapters/file/index.ts";
import { memoryPersister } from "../../adapters/memory/index.ts";
import { type Persister, silentLogger } from "../ports/index.ts";
import type { PersisterName } from "./config/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";

/** Creates the persister for each value of the setting. */
export const persisters: Readonly<Record<PersisterName, (config: EffectiveConfig) => Persister>> = {
  file({ dataDir: directory, clusterId, id: replicaId, peers, logger = silentLogger, ...limits }) {
    const voters = [...peers.keys()];
    const { compactLogBytes, segmentBytes } = limits;
    return filePersister({ directory, clusterId, replicaId, voters, compactLogBytes, segmentBytes, logger });
  },
  "bun-sqlite"({ dataDir, clusterId, id: replicaId, peers, compactLogBytes }) {
    const voters = [...peers.keys()];
    return sqlitePersister({
      file: `${dataDir}/replica.sqlite`,
      clusterId,
      replicaId,
      voters,
      compactLogBytes,
    });
  },
  memory: ({ clusterId, id, compactLogBytes }) =>
    memoryPersister({ clusterId, replicaId: id, compactLogBytes }),
};
