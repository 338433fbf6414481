import type { Clock, Logger } from "../ports/index.ts";
import type { Input, RaftCore, ReplicaId, SnapshotMeta } from "../raft/index.ts";
import { raftService } from "../rpc/index.ts";
import { Applying } from "./applying.ts";
import { Compaction } from "./compaction.ts";
import { DiskWatch } from "./disk-watch.ts";
import { Identities } from "./identities.ts";
import { InboundCalls } from "./inbound-calls.ts";
import { LeadershipChanges } from "./leadership-changes.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Beginning, RaftOptions } from "./options.ts";
import { OutboundCalls } from "./outbound-calls.ts";
import { PayloadLimit } from "./payload-limit.ts";
import { PeerWatch } from "./peer-watch.ts";
import { Proposals } from "./proposals.ts";
import { Reads } from "./reads.ts";
import { logInstalled } from "./restore.ts";
import { runAll } from "./run-all.ts";
import { SerialQueue } from "./serial-queue.ts";
import { Shortages } from "./shortage.ts";
import { SnapshotReceiver } from "./snapshot-receiver.ts";
import { SnapshotSaver } from "./snapshot-saver.ts";
import { SnapshotSender } from "./snapshot-sender.ts";
import { TermGuard } from "./term-guard.ts";
import { Writes } from "./writes.ts";

export interface PartsOptions<Result> {
  readonly replica: RaftOptions<Result>;
  readonly beginning: Beginning;
  readonly core: RaftCore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly step: (input: Input) => void;
}

/** What does the work that the core wants done, wired together. The driver decides when. */
export class Parts<Result> {
  readonly proposals: Proposals<Result> = new Proposals();
  readonly reads: Reads = new Reads();
  readonly inbound: InboundCalls = new InboundCalls();
  readonly outbound: OutboundCalls;
  readonly payloadLimit: PayloadLimit;
  readonly applying: Applying<Result>;
  readonly shortages: Shortages;
  readonly writes: Writes;
  readonly compaction: Compaction;
  readonly saver: SnapshotSaver;
  readonly receiver: SnapshotReceiver;
  readonly sender: SnapshotSender;
  readonly terms: TermGuard;
  readonly identities: Identities;
  readonly changes: LeadershipChanges;
  readonly disk: DiskWatch;
  readonly peerWatch: PeerWatch;

  constructor({ replica, beginning, core, clock, logger, lifecycle, step }: PartsOptions<Result>) {
    const { transport, persister, stateMachine } = replica;
    const { proposals } = this;
    const { config, boot } = beginning;
    const { id, maxApplyMs, electionTimeoutMinMs: electionTimeoutMs } = config;
    this.payloadLimit = new PayloadLimit(raftService(transport), step);
    this.applying = new Applying({ stateMachine, proposals, clock, maxApplyMs, step });
    this.shortages = new Shortages(clock, logger);
    const { snapshots: shortage, writes } = this.shortages;

    const commits = new SerialQueue();
    const metaAt = (index: number) => core.snapshotMetaAt(index);
    this.saver = new SnapshotSaver({ persister, clock, commits, step, metaAt, view: () => core.view() });
    const save = () => this.saver.save(core.lastApplied, () => stateMachine.snapshot());
    this.compaction = new Compaction({ persister, shortage, logger, save });
    const installed = (meta: SnapshotMeta) => {
      proposals.skipped(meta.lastIncludedIndex);
      this.applying.skipped(meta.lastIncludedIndex);
      logInstalled(core.view(), meta, logger);
    };
    const receiving = { persister, stateMachine, clock, commits, shortage };
    this.receiver = new SnapshotReceiver({ ...receiving, step, installed });
    this.sender = new SnapshotSender(persister);

    this.terms = new TermGuard(core, logger);
    this.outbound = new OutboundCalls({ transport, sender: this.sender, clock, config, logger }, (end) =>
      step(this.terms.checked(end)),
    );
    const failureOf = (peer: ReplicaId) => this.outbound.failureOf(peer);
    this.peerWatch = new PeerWatch({ config, logger, failureOf });
    const hangs = () => this.inbound.diskHangs();
    this.disk = new DiskWatch({ id, clock, logger, electionTimeoutMs, hangs });
    this.writes = new Writes({
      persister,
      disk: this.disk,
      shortage: writes,
      isFull: () => core.isStorageFull,
      step,
    });
    const track = (work: Promise<void>) => lifecycle.track(work);
    const stop = (error: Error) => lifecycle.fail(error);
    this.identities = new Identities({ config, boot, persister, transport, clock, logger, track, stop });
    this.changes = new LeadershipChanges(core);
  }

  /** Ends all waits. Nothing is answered or tried again after this. */
  halt(): void {
    const parts = [this.disk, this.shortages, this.proposals, this.reads, this.inbound, this.changes];
    runAll(parts.map((part) => () => part.stop()));
  }
}
