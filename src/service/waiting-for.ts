import type { CallFailure, ReplicaState } from "../ports/index.ts";
import type { BootstrapView, ReplicaId } from "../raft/index.ts";

type CallFailures = ReadonlyMap<ReplicaId, CallFailure>;

/**
 * Returns in one line which peers a replica waits for, and why they do not answer. Returns undefined if it takes part
 * and either knows a leader or knows of no peer that fails to answer.
 */
export function waitingFor({ bootstrap, leader, health }: ReplicaState): string | undefined {
  const failures = health.callFailures;
  if (bootstrap !== undefined) {
    const lost = lostStorage(bootstrap);
    return lost ?? `waiting for the first contact with all replicas: ${contacts(bootstrap, failures)}`;
  }
  if (leader !== undefined) return undefined;
  const silent = [...failures].filter(([, { answeredSince }]) => !answeredSince);
  if (silent.length === 0) return undefined;
  return silent
    .map(([id, failure]) => `${withAddress(id, failure)} does not answer: ${failure.reason}`)
    .join("; ");
}

/** Explains why a request gets no answer while no leader is known. */
export function whyNoLeader(state: ReplicaState): string {
  const { bootstrap, health } = state;
  const waiting = waitingFor(state);
  if (bootstrap !== undefined && bootstrap.missing.length > 0 && bootstrap.established.length === 0) {
    const unseen = bootstrap.missing.map((id) => withAddress(id, health.callFailures.get(id)));
    const unseenSoFar = `${unseen.join(" and ")} ${verb(unseen, "has", "have")} not been seen`;
    return `this cluster has never been complete: ${unseenSoFar}`;
  }
  if (bootstrap !== undefined) return `this replica has no data yet: ${waiting}`;
  const majority = "no leader is known: a majority of the replicas must be up and connected";
  return waiting === undefined ? majority : `${majority}; ${waiting}`;
}

function contacts({ missing, blank, established }: BootstrapView, failures: CallFailures): string {
  const answering = [...blank, ...established].sort();
  return [
    ...(answering.length === 0 ? [] : [`${answering.join(" and ")} ${verb(answering, "answers", "answer")}`]),
    ...missing.map((id) => {
      const failure = failures.get(id);
      if (failure === undefined || failure.answeredSince) return `${id} has not answered yet`;
      return `${withAddress(id, failure)} does not: ${failure.reason}`;
    }),
  ].join("; ");
}

/**
 * Says that a replica counted votes or acknowledgements of peers whose storage is empty now. A replica without data may
 * not take part then.
 */
function lostStorage({ countedBlank }: BootstrapView): string | undefined {
  const [first] = countedBlank;
  if (first === undefined) return undefined;
  const { id, lost } = first;
  return `waiting for the data of ${lost}: ${id} has counted its vote or acknowledgement, but its storage is empty now`;
}

function withAddress(id: ReplicaId, failure: CallFailure | undefined): string {
  return failure?.address === undefined ? id : `${id} (${failure.address})`;
}

function verb(subjects: readonly unknown[], one: string, several: string): string {
  return subjects.length === 1 ? one : several;
}
