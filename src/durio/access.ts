import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clerk, KvServer } from "../kvraft/index.ts";
import { silentLogger } from "../ports/index.ts";
import { systemClock } from "../replica/index.ts";
import {
  type Access,
  type AdminTokenFile,
  accessRecords,
  FirstAdmin,
  Guard,
  type Refusal,
  type RefusalReason,
} from "../service/index.ts";
import type { AuditLog } from "./audit-log.ts";
import { adminTokenFile } from "./client/connection.ts";
import { createTokenFile, readTokenFile } from "./client/token-file.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { type ChangeableSecrets, Rotation } from "./rotation/index.ts";
import { newSecret } from "./secret/index.ts";
import { wallTime } from "./wall-time.ts";

export interface AccessParts {
  readonly store: KvServer;
  /** Sends the changes of tokens. */
  readonly clerk: Clerk;
  readonly audit: AuditLog;
}

/** Decides what clients may do: with a secret what their tokens say, without one everything. */
export function accessOf(config: EffectiveConfig, { store, clerk, audit }: AccessParts): Access {
  const records = accessRecords(store.registry, clerk);
  if (config.secret === undefined) return { guard: undefined, records, wallTime };
  const report = (refusal: Refusal) =>
    audit.refused({ what: "requests of clients", reason: reasonOf(refusal), address: refusal.address });
  const guard = new Guard({ records, anonymous: config.anonymous, now: systemClock.now, report });
  const path = config.persister === "memory" ? undefined : join(config.dataDir, adminTokenFile);
  const first = new FirstAdmin({
    ...{ records, credentials: guard.credentials, clerk, wallTime, clock: systemClock },
    isLeader: () => store.leadership.leader() === config.id,
    who: `replica ${config.id}`,
    file: path === undefined ? undefined : fileAt(path),
    show: (token, notKept) => showFirst(token, path, notKept),
  });
  const ensure = () => void first.ensure().catch((bug: unknown) => store.raft.fail(bug));
  store.leadership.changed(ensure);
  ensure();
  store.raft.stopped.then(() => first.stop());
  const rotation = rotationOf(config, config.secret, { store, clerk });
  return { guard, records, rotation, wallTime };
}

function rotationOf(
  { id, clusterId, peers, logger = silentLogger }: EffectiveConfig,
  secrets: ChangeableSecrets,
  { store, clerk }: Pick<AccessParts, "store" | "clerk">,
): Rotation {
  const rotation = new Rotation({
    ...{ id, clusterId, secrets, newSecret, clerk, logger, clock: systemClock },
    voters: [...peers.keys()],
    registry: store.registry,
    isLeader: () => store.leadership.leader() === id,
  });
  store.leadership.changed(() => rotation.look());
  rotation.look();
  store.raft.stopped.then(() => rotation.stop());
  return rotation;
}

const reasons: Readonly<Record<RefusalReason, string>> = {
  noToken: "they have no token",
  wrongToken: "their token is wrong or was revoked",
  expiredToken: "their token has expired",
  tooManyWrongTokens: "too many wrong tokens",
  scope: "their token lacks the scope",
};

function reasonOf({ reason, token }: Refusal): string {
  return token === undefined ? reasons[reason] : `${reasons[reason]} (${token})`;
}

function fileAt(path: string): AdminTokenFile {
  return {
    read: () => readTokenFile(path).catch(() => undefined),
    create: (text) => createTokenFile(path, text),
    remove: () => rm(path, { force: true }).catch(() => {}),
  };
}

/** Not through the log, because logs are kept and sent elsewhere. */
function showFirst(token: string, path: string | undefined, notKept: string | undefined): void {
  const kept =
    notKept === undefined
      ? `It is also in ${path}, which only its owner can read.`
      : `Keep it: it could not be written to a file: ${notKept}.`;
  console.error(`durio: created the token admin, which is shown only now: ${token}\ndurio: ${kept}`);
}
