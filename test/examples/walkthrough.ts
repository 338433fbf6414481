import { type ChildProcess, exec, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "../durio/processes.ts";

const run = promisify(exec);
const root = fileURLToPath(new URL("../..", import.meta.url));

const env = {
  ...process.env,
  /** Bun and Deno, as if they were installed. */
  PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`,
  npm_config_prefer_offline: "true",
  npm_config_audit: "false",
};

/** A command of a README, and the output that the README shows. */
export interface Step {
  readonly command: string;
  readonly answer: string | undefined;
}

/** The blocks of commands of a README. */
export async function stepsOf(example: string): Promise<Step[][]> {
  const readme = await readFile(join(root, "examples", example, "README.md"), "utf8");
  return [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) =>
    block
      .trim()
      .split("\n")
      .map((line) => {
        const [command = "", answer] = line.split(/ +# /);
        return { command, answer };
      }),
  );
}

/** The package as it is published, made once for all examples. */
export class Package implements AsyncDisposable {
  readonly file: string;

  private constructor(file: string) {
    this.file = file;
  }

  /** Packs the build. */
  static async pack(): Promise<Package> {
    const directory = await mkdtemp(join(tmpdir(), "ruaft-package-"));
    const command = `npm pack --silent --ignore-scripts --pack-destination ${directory}`;
    const { stdout } = await run(command, { cwd: root });
    return new Package(join(directory, stdout.trim()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(dirname(this.file), { recursive: true });
  }
}

/** A program that an example says to leave running. */
class Running {
  readonly #child: ChildProcess;
  #output = "";

  constructor(command: string, cwd: string) {
    // In the shell's place, so that signals reach it.
    this.#child = spawn("sh", ["-c", `exec ${command}`], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Waits until it has said something. */
  async says(words: string): Promise<void> {
    await eventually(() => this.#hasEnded || this.#output.includes(words));
    if (!this.#output.includes(words)) throw new Error(`it ended without "${words}": ${this.#output}`);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.#hasEnded) {
      const ended = once(this.#child, "exit");
      this.#child.kill(signal);
      await ended;
    }
    return this.#child.exitCode;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** An example in a directory outside of the repository, with the package beside it. */
export class Walkthrough implements AsyncDisposable {
  readonly #parent: string;
  readonly #directory: string;
  readonly #running: Running[] = [];

  private constructor(parent: string, directory: string) {
    this.#parent = parent;
    this.#directory = directory;
  }

  /** Copies an example, and the package beside it. */
  static async open(example: string, packed: Package): Promise<Walkthrough> {
    const parent = await mkdtemp(join(tmpdir(), "ruaft-example-"));
    await copyFile(packed.file, join(parent, basename(packed.file)));
    const directory = join(parent, example);
    const isSource = (path: string) =>
      !/node_modules|\/data$|-lock\.json$|bun\.lock$/.test(path.slice(root.length));
    await cp(join(root, "examples", example), directory, { recursive: true, filter: isSource });
    return new Walkthrough(parent, directory);
  }

  /** Runs commands one after the other, each to its end. Their answers are lines, with blanks for their ends. */
  async follow(steps: readonly Step[]): Promise<string[]> {
    const answers: string[] = [];
    for (const { command } of steps) {
      const { stdout } = await run(command, { cwd: this.#directory, env });
      answers.push(stdout.trim().replaceAll("\n", " "));
    }
    return answers;
  }

  /** Starts a program that keeps running. */
  start({ command }: Step): Running {
    const running = new Running(command, this.#directory);
    this.#running.push(running);
    return running;
  }

  /** Removes the data of its processes, so that they start as the first time. */
  async removeData(): Promise<void> {
    await rm(join(this.#directory, "data"), { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) await running.end("SIGKILL");
    await rm(this.#parent, { recursive: true, force: true });
  }
}
