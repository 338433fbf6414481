/** A play as it stands in its file: prose, and directives with the transcript that was recorded of each. */
export interface Play {
  readonly file: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block = Prose | Directive;

/** A heading, a paragraph's line or an empty line: whatever is for the reader alone. */
export interface Prose {
  readonly type: "prose";
  readonly text: string;
}

export interface Directive {
  readonly type: "directive";
  /** In the file, from 1. */
  readonly line: number;
  readonly text: string;
  readonly transcript: readonly string[];
}

/** A play that can't be performed or that failed; the message begins with file and line. */
export class PlayError extends Error {
  override readonly name = "PlayError";

  constructor(file: string, line: number, problem: string, cause?: unknown) {
    super(`${file}:${line}: ${problem}`, { cause });
    // The place that matters is in the play.
    this.stack = `${this.name}: ${this.message}`;
  }
}

const TITLE = "# ";
const DIRECTIVE = "> ";
const TRANSCRIPT = "  ";

export function parsePlay(file: string, text: string): Play {
  const lines = text.replace(/\n$/, "").split("\n");
  const blocks: Block[] = [];
  let transcript: string[] | undefined;
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(TRANSCRIPT)) {
      if (transcript === undefined) {
        throw new PlayError(file, at + 1, "an indented line is a transcript and stands below its directive");
      }
      transcript.push(line.slice(TRANSCRIPT.length));
    } else if (line.startsWith(DIRECTIVE)) {
      transcript = [];
      blocks.push({ type: "directive", line: at + 1, text: line.slice(DIRECTIVE.length).trim(), transcript });
    } else {
      transcript = undefined;
      blocks.push({ type: "prose", text: line });
    }
  }
  const title = lines[0] ?? "";
  if (!title.startsWith(TITLE)) throw new PlayError(file, 1, `a play begins with its title: "${TITLE}…"`);
  const opening = blocks.findIndex(({ type }) => type === "directive");
  if (opening === -1) throw new PlayError(file, lines.length, `a play has directives: "${DIRECTIVE}…"`);
  if (!blocks.slice(1, opening).some(isParagraph)) {
    throw new PlayError(file, 2, "below the title a play says in prose what rule it shows, and why");
  }
  return { file, title: title.slice(TITLE.length).trim(), blocks };
}

/** The text of a play with the transcripts given, one for each directive: all else stays as it was. */
export function printPlay(play: Play, transcripts: ReadonlyMap<Directive, readonly string[]>): string {
  const lines = play.blocks.flatMap((block) => {
    if (block.type === "prose") return [block.text];
    const transcript = transcripts.get(block) ?? [];
    return [DIRECTIVE + block.text, ...transcript.map((line) => TRANSCRIPT + line)];
  });
  return `${lines.join("\n")}\n`;
}

function isParagraph(block: Block): boolean {
  return block.type === "prose" && block.text.trim() !== "" && !block.text.startsWith("#");
}
