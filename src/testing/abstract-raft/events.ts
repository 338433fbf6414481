import type { TracedInput } from "../../ports/index.ts";
import type { RaftReply, Ready, SentRequest } from "../../raft/index.ts";

/** A traced event as text for messages, without bytes. */

export function describeInput(input: TracedInput): string {
  switch (input.type) {
    case "request":
      return `${describe(input.request)} from ${input.from}`;
    case "reply":
      return `${describe(input.reply)} from ${input.from} to ${describe(input.request)}`;
    case "failed":
      return `no reply from ${input.to} to ${describe(input.request)}`;
    case "propose":
      return `a proposal: ${describe(input.proposed)}`;
    case "persisted":
      return `a write completed: ${describe(input.batch)}`;
    default:
      return describe(input);
  }
}

export function describeReady(ready: Ready): string {
  return `what is to be done: ${describe(ready)}`;
}

function describe(value: SentRequest | RaftReply | object): string {
  return JSON.stringify(value, (name, inner: unknown) => (name === "data" ? undefined : inner));
}
