import type { Machine } from "./machine.ts";
import { requestInWords } from "./message-in-words.ts";
import { type Message, type MessageKind, messageKinds, type Selection, select } from "./messages.ts";
import type { ScenarioCluster } from "./scenario-cluster.ts";
import { deliverAll } from "./settling.ts";
import type { StepDefinition } from "./step-definition.ts";

/** Delivery and loss of messages. `<messages>` is `[first|last] [n1 → n2, n3] [votes|appends|heartbeats|…]`. */
export const networkSteps: readonly StepDefinition[] = [
  {
    usage: "deliver",
    acts: true,
    meaning:
      "the messages on the wire arrive, in the order in which they were sent; messages that they cause wait",
    run: (cluster) => {
      for (const message of takeMessages(cluster, "everything")) cluster.network.deliver(message);
    },
  },
  {
    usage: "deliver everything",
    acts: true,
    meaning: "messages arrive until the wire is empty",
    run: (cluster) => deliverAll(cluster),
  },
  {
    usage: "deliver <label>",
    acts: true,
    meaning: "the messages that were set aside or copied under this name arrive",
    run: (cluster, words) => {
      for (const message of cluster.network.wire.takeAside(words.get("label")))
        cluster.network.deliver(message);
    },
  },
  {
    usage: "deliver <messages>",
    acts: true,
    meaning: "these messages arrive: `deliver n1 → n2, n3`, `deliver first n1 → n2 append`, `deliver votes`",
    run: (cluster, words) => {
      for (const message of takeMessages(cluster, words.get("messages"))) cluster.network.deliver(message);
    },
  },
  {
    usage: "drop <messages>",
    meaning: "these messages are lost, and their calls fail",
    run: (cluster, words) => {
      cluster.network.loseAll(takeMessages(cluster, words.get("messages")), "dropped");
    },
  },
  {
    usage: "set aside <messages> as <label>",
    meaning: "these messages are held back until they are delivered by this name",
    run: (cluster, words) => {
      cluster.network.wire.setAside(words.get("label"), takeMessages(cluster, words.get("messages")));
    },
  },
  {
    usage: "copy <messages> as <label>",
    meaning: "the network duplicates these messages: they stay on the wire, and the copies are set aside",
    run: (cluster, words) => {
      const messages = select(cluster.network.wire.messages, selectionOf(cluster, words.get("messages")));
      if (messages.length === 0) throw noSuchMessage(cluster, words.get("messages"));
      const copies = messages.map((message) => ({ ...message, isCopy: true }));
      cluster.network.wire.setAside(words.get("label"), copies);
    },
  },
  {
    usage: "<replica> gives up on <to>",
    meaning: "all its calls to that peer without a reply fail",
    acts: true,
    run: (cluster, words) => {
      cluster.network.giveUp(cluster.machine(words.get("replica")), cluster.machine(words.get("to")));
    },
  },
  {
    usage: "cut <from> → <to>",
    meaning: "messages on this link, in this direction, are lost",
    run: (cluster, words) => {
      cluster.network.wire.cut(cluster.machine(words.get("from")).id, cluster.machine(words.get("to")).id);
    },
  },
  {
    usage: "cut <from> ↔ <to>",
    meaning: "the same in both directions",
    run: (cluster, words) =>
      isolate(cluster, cluster.machine(words.get("from")), [cluster.machine(words.get("to"))]),
  },
  {
    usage: "isolate <replica>",
    meaning: "all links of a replica are cut, in both directions",
    run: (cluster, words) => isolate(cluster, cluster.machine(words.get("replica")), cluster.machines),
  },
  {
    usage: "heal",
    meaning: "all links work again",
    run: (cluster) => cluster.network.wire.heal(),
  },
];

function isolate(cluster: ScenarioCluster, machine: Machine, others: readonly Machine[]): void {
  for (const other of others) {
    cluster.network.wire.cut(machine.id, other.id);
    cluster.network.wire.cut(other.id, machine.id);
  }
}

function takeMessages(cluster: ScenarioCluster, text: string): Message[] {
  const messages = cluster.network.wire.take(selectionOf(cluster, text));
  if (messages.length === 0) throw noSuchMessage(cluster, text);
  return messages;
}

function noSuchMessage(cluster: ScenarioCluster, text: string): RangeError {
  const lines = cluster.network.wire.messages.map(({ from, to, call, reply }) => {
    const what = requestInWords(call.request);
    return `  ${from} → ${to}: ${reply === undefined ? what : `the reply to "${what}"`}`;
  });
  const wire = lines.length === 0 ? " nothing" : `\n${lines.join("\n")}`;
  return new RangeError(`no such message: ${text}. On the wire:${wire}`);
}

/** Reads `everything` or `[first|last] [n1 → n2, n3] [votes|appends|heartbeats|chunks|checks]`. */
export function selectionOf(cluster: ScenarioCluster, text: string): Selection {
  if (text === "everything") return selectionOf(cluster, "all → all");
  const kinds = messageKinds.map((kind) => `${kind}s?`).join("|");
  const pattern = `^(?:(?<pick>first|last) ?)?(?:(?<from>[^→]+) → (?<to>[^→]+?))?(?: ?(?<kind>${kinds}))?$`;
  const found = new RegExp(pattern).exec(text.replaceAll("->", "→"))?.groups;
  if (found === undefined) {
    throw new RangeError(`messages: [first|last] [n1 → n2, n3] [${messageKinds.join("s|")}s], not ${text}`);
  }
  const idsOf = (names = "all") => cluster.group(names).map(({ id }) => id);
  const { pick } = found;
  return {
    pick: pick === "first" || pick === "last" ? pick : "all",
    from: idsOf(found.from),
    to: idsOf(found.to),
    kind: kindNamed(found.kind),
  };
}

function kindNamed(name: string | undefined): MessageKind | undefined {
  return messageKinds.find((kind) => kind === name || `${kind}s` === name);
}
