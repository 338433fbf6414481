import type { TracedInput } from "../../ports/index.ts";
import type { RaftReply, RaftRequest, RaftView, Ready } from "../../raft/index.ts";
import type { Fault } from "./plan/index.ts";
import { OUTSIDER, type TraceEvent } from "./world/index.ts";

/**
 * Formats a trace event as one line: time in ms, machine, event, details.
 *
 * @param event of a run
 * @param replicas the number of replicas in its plan
 * @example
 * ```ts
 * import { drawPlan, kvSubject, profiles, run, traceLine } from "ruaft/testing/simulator";
 *
 * const plan = drawPlan(7, { ...profiles.quick, faultMs: 1000, operations: 5 }, kvSubject);
 * const lines: string[] = [];
 * await run(plan, kvSubject, { listener: (event) => lines.push(traceLine(event, plan.replicas)) });
 * console.log(lines[0]?.trim()); // 0.000  n1        start    process 1
 * ```
 */
export function traceLine(event: TraceEvent, replicas: number): string {
  const time = (event.atUs / 1000).toFixed(3).padStart(10);
  return `${time}  ${nameOf(event.machine, replicas).padEnd(8)}  ${event.kind.padEnd(7)}  ${describe(event, replicas)}`;
}

function nameOf(machine: number, replicas: number): string {
  if (machine === OUTSIDER) return "outsider";
  return machine < replicas ? `n${machine + 1}` : `client${machine - replicas + 1}`;
}

function describe({ kind, numbers: [a = 0, b = 0, c = 0], detail }: TraceEvent, replicas: number): string {
  switch (kind) {
    case "start":
      return `process ${a}${b === 1 ? " of a copy" : ""}`;
    case "stop":
      return typeof detail === "string" ? detail : "in order";
    case "crash":
      return a === 1 ? "loses power" : "is killed";
    case "send":
      return `${c === 0 ? "request" : "reply"} to ${nameOf(a, replicas)}, ${b} bytes`;
    case "lose":
      return `what goes to ${nameOf(a, replicas)}`;
    case "deliver":
      return `${c === 0 ? "request" : "reply"} of ${nameOf(a, replicas)}, ${b} bytes`;
    case "write":
      return `${b} bytes at ${a}`;
    case "sync":
      return a === 1 ? "directory" : b === 1 ? "file, and fails" : "file";
    case "apply":
      return `${a}@${b}`;
    case "fault":
      return describeFault(detail as Fault);
    case "step":
      return describeStep(detail as { input: TracedInput; view: RaftView });
    case "take":
      return describeTake(detail as Ready);
    default:
      return detail === undefined ? "" : text(detail);
  }
}

function describeFault({ kind, forMs, amount }: Fault): string {
  return `${kind} for ${forMs} ms (${amount})`;
}

function describeStep({ input, view }: { readonly input: TracedInput; readonly view: RaftView }): string {
  const state = `${view.role}, term ${view.currentTerm}, log to ${view.lastLogIndex}@${view.lastLogTerm}, commit ${view.commitIndex}`;
  return `${describeInput(input)} → ${state}`;
}

function describeInput(input: TracedInput): string {
  switch (input.type) {
    case "request":
      return `${input.from} asks ${describeRequest(input.request)}`;
    case "reply":
      return `${input.from} answers ${describeReply(input.reply)} to ${describeRequest(input.request)}`;
    case "failed":
      return `no answer of ${input.to} to ${input.request.type} of term ${input.request.term}`;
    case "persisted":
      return `wrote ${describeEntries(input.batch.entries)}`;
    case "propose":
      return `proposal ${input.proposed.type}`;
    case "timer":
      return "timer";
    default:
      return text(input);
  }
}

function describeRequest(request: RaftRequest): string {
  switch (request.type) {
    case "requestVote":
      return `${request.preVote ? "pre-vote" : "vote"} in term ${request.term}, log to ${request.lastLogIndex}@${request.lastLogTerm}`;
    case "appendEntries":
      return `append in term ${request.term} after ${request.prevLogIndex}@${request.prevLogTerm} ${describeEntries(request.entries)}, commit ${request.leaderCommit}, round ${request.round}${request.successor === undefined ? "" : `, and resigns: ${request.successor} next`}${request.mustHold ? ", which you acknowledged" : ""}`;
    case "installSnapshot":
      return `snapshot to ${request.lastIncludedIndex}@${request.lastIncludedTerm} from byte ${request.offset}${request.done ? ", the last" : ""}`;
    case "bootstrapCheck":
      return `bootstrap check, round ${request.round}`;
  }
}

function describeReply(reply: RaftReply): string {
  const { type: _, ...fields } = reply;
  return text(fields);
}

function describeEntries(entries: readonly { readonly index: number; readonly term: number }[]): string {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return "nothing";
  return first === last
    ? `${first.index}@${first.term}`
    : `${first.index}@${first.term} to ${last.index}@${last.term}`;
}

function describeTake({ send, persist, apply, reads }: Ready): string {
  const parts: string[] = [];
  if (send.length > 0) parts.push(`sends ${send.length}`);
  if (persist !== undefined) {
    const { hardState, truncateFrom, entries } = persist;
    const vote = hardState && `term ${hardState.currentTerm}, vote ${hardState.votedFor ?? "none"}`;
    const cut = truncateFrom === undefined ? undefined : `cut from ${truncateFrom}`;
    parts.push(`writes ${[vote, cut, describeEntries(entries)].filter(Boolean).join(", ")}`);
  }
  if (apply.length > 0) parts.push(`applies ${describeEntries(apply)}`);
  if (reads.length > 0) parts.push(`answers ${reads.length} reads`);
  return parts.join("; ");
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  const json = JSON.stringify(value, (_key, part) =>
    part instanceof Uint8Array ? `${part.length} bytes` : part,
  );
  return json.length > 160 ? `${json.slice(0, 160)}…` : json;
}
