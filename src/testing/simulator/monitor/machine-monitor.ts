import type { Tracer } from "../../../ports/index.ts";
import type { RaftView, ReplicaId } from "../../../raft/index.ts";
import type { DurabilityWatch } from "../disk/index.ts";
import type { ReplyWatch } from "../world/index.ts";
import { hashOfEntry } from "./message-rules.ts";
import type { Monitor } from "./monitor.ts";
import { Violation } from "./violation.ts";

/** Observes and checks the processes on one machine. All methods but `ended` throw a {@link Violation}. */
export interface MachineMonitor {
  /** The state after the last step of the current process. */
  readonly view: RaftView | undefined;
  readonly tracer: Tracer;
  /** Sees the replies of all services. */
  readonly replyLeaves: ReplyWatch;
  readonly image: DurabilityWatch;
  /** P10: the hash of the state after the entry at an index. */
  state(index: number, hash: number): void;
  storageDamaged(how: { readonly gone: boolean }): void;
  ended(): void;
}

/** Creates the monitor of a voter's machine. */
export function voterMonitor(monitor: Monitor, machine: number): MachineMonitor {
  const replica = monitor.observed(machine);
  return {
    get view() {
      return replica.view;
    },
    tracer: monitor.tracer(machine),
    replyLeaves: (service, payload) => monitor.replyLeaves(service, payload),
    image: {
      synced: (path, content) => monitor.guard(() => replica.image.synced(path, content)),
      namesSynced: () => monitor.guard(() => replica.image.namesSynced()),
    },
    state: (index, hash) => monitor.guard(() => monitor.ledger.state(replica.id, index, hash)),
    storageDamaged: (how) => monitor.storageDamaged(machine, how),
    ended: () => monitor.ended(machine),
  };
}

/**
 * Creates the monitor of a machine on a copy of a voter's data. The copy is not a voter: its votes and acknowledgements
 * do not count, so they may differ from the voter's. But it must not lead, and what it applies and returns to clients
 * must be correct.
 */
export function copyMonitor(monitor: Monitor, id: ReplicaId): MachineMonitor {
  const { ledger } = monitor;
  let view: RaftView | undefined;
  return {
    get view() {
      return view;
    },
    tracer: {
      started: (_restored, now) => {
        view = now;
      },
      stepped: (_input, now) => {
        view = now;
        if (now.role !== "leader") return;
        monitor.guard(() => {
          throw new Violation("rule", `${id} leads term ${now.currentTerm} on a copy of its data`);
        });
      },
      took: ({ apply }, now) => {
        view = now;
        monitor.guard(() => {
          for (const { index, term, type, data } of apply) {
            ledger.applied(id, index, { term, hash: hashOfEntry(type, data) });
          }
        });
      },
    },
    replyLeaves: (service, payload) => monitor.replyLeaves(service, payload),
    image: { synced: () => {}, namesSynced: () => {} },
    state: (index, hash) => monitor.guard(() => ledger.state(id, index, hash)),
    storageDamaged: () => {},
    ended: () => {
      view = undefined;
    },
  };
}
