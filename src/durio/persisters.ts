import { sqlitePersister } from "../../adapters/bun-sqlite/index.ts";
import { filePersister } from "../../adapters/file/index.ts";
import { memoryPersister } from "../../adapters/memory/index.ts";
import { type Persister, silentLogger } from "../ports/index.ts";
import type { PersisterName } from "./config/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";

/** Creates the persister for each value of the setting. */
export const persisters: Readonly<Record<PersisterName, (config: EffectiveConfig) => Persister>> = {
  file({ dataDir: directory, clusterId, id: replicaId, logger = silentLogger, ...limits }) {
    const { compactLogBytes, segmentBytes } = limits;
    return filePersister({ directory, clusterId, replicaId, compactLogBytes, segmentBytes, logger });
  },
  "bun-sqlite": ({ dataDir, clusterId, id: replicaId, compactLogBytes }) =>
    sqlitePersister({ file: `${dataDir}/replica.sqlite`, clusterId, replicaId, compactLogBytes }),
  memory: ({ clusterId, id, compactLogBytes }) =>
    memoryPersister({ clusterId, replicaId: id, compactLogBytes }),
};
