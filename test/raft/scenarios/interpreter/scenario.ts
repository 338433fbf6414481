/** A parsed scenario: prose, and steps with their recorded transcripts. */
export interface Scenario {
  readonly file: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block = Prose | Step;

/** A line for the reader: a heading, a line of a paragraph, or an empty line. */
export interface Prose {
  readonly type: "prose";
  readonly text: string;
}

export interface Step {
  readonly type: "step";
  /** Line number in the file, from 1. */
  readonly line: number;
  readonly text: string;
  readonly transcript: readonly string[];
}

/** A scenario that can't be run, or failed. The message begins with file and line. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";

  constructor(file: string, line: number, problem: string, cause?: unknown) {
    super(`${file}:${line}: ${problem}`, { cause });
    // The relevant position is in the scenario's file.
    this.stack = `${this.name}: ${this.message}`;
  }
}

const TITLE = "# ";
const STEP = "> ";
const TRANSCRIPT = "  ";

export function parseScenario(file: string, text: string): Scenario {
  const lines = text.replace(/\n$/, "").split("\n");
  const blocks: Block[] = [];
  let transcript: string[] | undefined;
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(TRANSCRIPT)) {
      if (transcript === undefined) {
        throw new ScenarioError(file, at + 1, "an indented line is a transcript, and must follow its step");
      }
      transcript.push(line.slice(TRANSCRIPT.length));
    } else if (line.startsWith(STEP)) {
      transcript = [];
      blocks.push({ type: "step", line: at + 1, text: line.slice(STEP.length).trim(), transcript });
    } else {
      transcript = undefined;
      blocks.push({ type: "prose", text: line });
    }
  }
  const title = lines[0] ?? "";
  if (!title.startsWith(TITLE))
    throw new ScenarioError(file, 1, `a scenario must begin with its title: "${TITLE}…"`);
  const opening = blocks.findIndex(({ type }) => type === "step");
  if (opening === -1) throw new ScenarioError(file, lines.length, `a scenario must have steps: "${STEP}…"`);
  if (!blocks.slice(1, opening).some(isParagraph)) {
    throw new ScenarioError(
      file,
      2,
      "below its title a scenario must say in prose which rule it shows, and why",
    );
  }
  return { file, title: title.slice(TITLE.length).trim(), blocks };
}

/** Prints a scenario with other transcripts, one for each step. Everything else is unchanged. */
export function printScenario(scenario: Scenario, transcripts: ReadonlyMap<Step, readonly string[]>): string {
  const lines = scenario.blocks.flatMap((block) => {
    if (block.type === "prose") return [block.text];
    const transcript = transcripts.get(block) ?? [];
    return [STEP + block.text, ...transcript.map((line) => TRANSCRIPT + line)];
  });
  return `${lines.join("\n")}\n`;
}

function isParagraph(block: Block): boolean {
  return block.type === "prose" && block.text.trim() !== "" && !block.text.startsWith("#");
}
