import type { Unavailable, UnavailableReason } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import { problem } from "./problems.ts";
import { whyNoLeader } from "./waiting-for.ts";

const whyUnavailable: Readonly<Record<Exclude<UnavailableReason, "noLeader">, string>> = {
  timeout: "the leader did not answer in time",
  overloaded: "the cluster is overloaded with writes",
  tooManySessions:
    "the limit of sessions is reached, and this replica has none that may end for another one; retry later",
  sessionExpired: "the cluster ended this replica's session; the replica opens another",
  notCarried: "value: it no longer fits into a message, but an earlier attempt may have been written",
};

/** Returns the response to a request that the clerk got no result for. */
export function noAnswer({ outcome, reason }: Unavailable, status: () => ReplicaState): Response {
  const isBusy = reason === "overloaded" || reason === "tooManySessions";
  const none = isBusy ? "overloaded" : "unavailable";
  const why = reason === "noLeader" ? whyNoLeader(status()) : whyUnavailable[reason];
  return problem(outcome === "none" ? none : "uncertain", why);
}
