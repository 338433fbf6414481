import type { Actor } from "./actor.ts";
import type { Direction } from "./direction.ts";
import { type Letter, type LetterKind, letterKinds, type Selection, select } from "./letters.ts";
import { requestInWords } from "./message-in-words.ts";
import { deliverAll } from "./settling.ts";
import type { Stage } from "./stage.ts";

/** What becomes of messages. `<letters>` is `[first|last] [n1 → n2, n3] [votes|appends|heartbeats|…]`. */
export const networkDirections: readonly Direction[] = [
  {
    usage: "deliver",
    acts: true,
    meaning: "what is on the wire now arrives, in the order in which it was sent; what follows from it waits",
    run: (stage) => {
      for (const letter of takeLetters(stage, "everything")) stage.post.deliver(letter);
    },
  },
  {
    usage: "deliver everything",
    acts: true,
    meaning: "messages arrive until the wire is empty",
    run: (stage) => deliverAll(stage),
  },
  {
    usage: "deliver <label>",
    acts: true,
    meaning: "what was set aside or copied under this name arrives",
    run: (stage, words) => {
      for (const letter of stage.post.wire.takeAside(words.get("label"))) stage.post.deliver(letter);
    },
  },
  {
    usage: "deliver <letters>",
    acts: true,
    meaning: "these messages arrive: `deliver n1 → n2, n3`, `deliver first n1 → n2 append`, `deliver votes`",
    run: (stage, words) => {
      for (const letter of takeLetters(stage, words.get("letters"))) stage.post.deliver(letter);
    },
  },
  {
    usage: "drop <letters>",
    meaning: "these messages are lost; whoever called learns that the call brought no reply",
    run: (stage, words) => {
      stage.post.loseAll(takeLetters(stage, words.get("letters")), "dropped");
    },
  },
  {
    usage: "set aside <letters> as <label>",
    meaning: "these messages are delayed until they are delivered by this name",
    run: (stage, words) => {
      stage.post.wire.setAside(words.get("label"), takeLetters(stage, words.get("letters")));
    },
  },
  {
    usage: "copy <letters> as <label>",
    meaning: "the network duplicates these messages: they stay on the wire, and the copies are set aside",
    run: (stage, words) => {
      const letters = select(stage.post.wire.letters, selectionOf(stage, words.get("letters")));
      if (letters.length === 0) throw nothingLike(stage, words.get("letters"));
      const copies = letters.map((letter) => ({ ...letter, isCopy: true }));
      stage.post.wire.setAside(words.get("label"), copies);
    },
  },
  {
    usage: "<replica> gives up on <to>",
    meaning: "it has waited long enough: all its calls to that peer that brought no reply yet have failed",
    acts: true,
    run: (stage, words) => {
      stage.post.giveUp(stage.actor(words.get("replica")), stage.actor(words.get("to")));
    },
  },
  {
    usage: "cut <from> → <to>",
    meaning: "what arrives on this link, in this direction, is lost",
    run: (stage, words) => {
      stage.post.wire.cut(stage.actor(words.get("from")).id, stage.actor(words.get("to")).id);
    },
  },
  {
    usage: "cut <from> ↔ <to>",
    meaning: "the same in both directions",
    run: (stage, words) => cutOff(stage, stage.actor(words.get("from")), [stage.actor(words.get("to"))]),
  },
  {
    usage: "isolate <replica>",
    meaning: "all links of a replica are cut, in both directions",
    run: (stage, words) => cutOff(stage, stage.actor(words.get("replica")), stage.actors),
  },
  {
    usage: "heal",
    meaning: "no link is cut any more",
    run: (stage) => stage.post.wire.heal(),
  },
];

function cutOff(stage: Stage, actor: Actor, others: readonly Actor[]): void {
  for (const other of others) {
    stage.post.wire.cut(actor.id, other.id);
    stage.post.wire.cut(other.id, actor.id);
  }
}

function takeLetters(stage: Stage, text: string): Letter[] {
  const letters = stage.post.wire.take(selectionOf(stage, text));
  if (letters.length === 0) throw nothingLike(stage, text);
  return letters;
}

function nothingLike(stage: Stage, text: string): RangeError {
  const lines = stage.post.wire.letters.map(({ from, to, call, reply }) => {
    const what = requestInWords(call.request);
    return `  ${from} → ${to}: ${reply === undefined ? what : `the reply to "${what}"`}`;
  });
  const wire = lines.length === 0 ? " nothing" : `\n${lines.join("\n")}`;
  return new RangeError(`no such message: ${text}. On the wire is:${wire}`);
}

/** Reads `everything` or `[first|last] [n1 → n2, n3] [votes|appends|heartbeats|chunks|questions]`. */
export function selectionOf(stage: Stage, text: string): Selection {
  if (text === "everything") return selectionOf(stage, "all → all");
  const kinds = letterKinds.map((kind) => `${kind}s?`).join("|");
  const pattern = `^(?:(?<pick>first|last) ?)?(?:(?<from>[^→]+) → (?<to>[^→]+?))?(?: ?(?<kind>${kinds}))?$`;
  const found = new RegExp(pattern).exec(text.replaceAll("->", "→"))?.groups;
  if (found === undefined) {
    throw new RangeError(`messages are [first|last] [n1 → n2, n3] [${letterKinds.join("s|")}s], not ${text}`);
  }
  const idsOf = (names = "all") => stage.group(names).map(({ id }) => id);
  const { pick } = found;
  return {
    pick: pick === "first" || pick === "last" ? pick : "all",
    from: idsOf(found.from),
    to: idsOf(found.to),
    kind: kindNamed(found.kind),
  };
}

function kindNamed(name: string | undefined): LetterKind | undefined {
  return letterKinds.find((kind) => kind === name || `${kind}s` === name);
}
