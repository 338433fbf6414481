import { Command, CommanderError, Option } from "commander";
import { dev } from "./dev.ts";
import { devOptions, serveOptions, WrongFlag } from "./options.ts";
import { serve } from "./serve.ts";
import { version } from "./version.ts";

const wrongUsage = 2;

/** Runs the program with the arguments after its name, and returns the exit code. */
export async function commandLine(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof WrongFlag) {
      console.error(`error: ${error.message}`);
      return wrongUsage;
    }
    // Commander has said what it is about; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
    // Whoever read the help has read enough.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return 0;
    throw error;
  }
}

function program(): Command {
  const durio = new Command("durio")
    .description("A replicated key-value store with an HTTP service. Without a command: serve.")
    .version(version, "-v, --version")
    .helpOption("-h, --help", "print this help; durio COMMAND --help has the flags of a command")
    .exitOverride();
  // Made with `durio.command`, so that they inherit how the program ends.
  describeServe(durio.command("serve", { isDefault: true }));
  describeDev(durio.command("dev"));
  return durio.addHelpText("after", programExamples);
}

function describeServe(command: Command): void {
  command
    .description("Run one replica. Without flags: a cluster of one, n1, at http://127.0.0.1:9006.")
    .option("--id <id>", "the name of this replica (default: n1)")
    .option("--peers <list>", "all replicas, this one too, as id=url,id=url (default: this one alone)")
    .option(
      "--transport <name>",
      "how replicas reach each other: http, or loopback for a cluster of one (default: http)",
    )
    .option(
      "--persister <name>",
      "where data is kept: file, bun-sqlite, or memory to try things out (default: file)",
    )
    .option("--data-dir <dir>", "the directory of the data (default: ./.durio/ID)")
    .option("--listen <host:port>", "the address to bind (default: that of this replica in --peers)")
    .option("--cluster-id <name>", "the name of the cluster; replicas of others are refused (default: durio)")
    .option("--request-timeout-ms <ms>", "how long a request may wait before it gets 503 (default: 5000)")
    .option("--heartbeat-ms <ms>", "how often a leader makes itself heard (default: 50)")
    .option("--election-timeout-ms <min-max>", "how long a follower waits for its leader (default: 300-600)")
    .option("--compact-log-mib <mib>", "how much log makes a snapshot worth while (default: 64)");
  addLogOptions(command);
  // For dev, whose children hear by their stdin that it ended.
  command.addOption(new Option("--exit-with-parent").hideHelp());
  command.addHelpText("after", serveExamples);
  run(command, (flags) => serve(serveOptions(flags)));
}

function describeDev(command: Command): void {
  command
    .description("Run a whole cluster on this machine, one process per replica, until Ctrl-C.")
    .option("--replicas <count>", "how many, 1 to 9 (default: 3)")
    .option("--port <port>", "the port of the first replica; the others follow (default: 9006)")
    .option("--data-dir <dir>", "where the replicas have their directories (default: ./.durio)")
    .option("--transport <name>", "http, the only one between processes of one machine (default: http)")
    .option("--persister <name>", "file, bun-sqlite, or memory (default: file)");
  addLogOptions(command);
  command.addHelpText("after", devExamples);
  run(command, (flags) => dev(devOptions(flags)));
}

function addLogOptions(command: Command): void {
  command
    .option("--log-level <level>", "debug, info, warning or error (default: info)")
    .option("--log-format <format>", "text, or json with one object a line (default: text)");
}

/** Arguments are refused here: the default command gets whatever was meant to be one. */
function run(command: Command, action: (flags: unknown) => Promise<void>): void {
  command.allowExcessArguments().action((flags: unknown, { args: [stray] }: Command) => {
    if (stray === undefined) return action(flags);
    return command.error(`error: ${JSON.stringify(stray)} is no command; the commands are serve and dev`);
  });
}

const programExamples = `
Examples:
  durio                     one replica, a cluster of its own, data in ./.durio/n1
  durio dev                 three replicas to try things with
  durio --id n2 --peers n1=http://10.0.0.1:9006,n2=http://10.0.0.2:9006,n3=http://10.0.0.3:9006
`;

const serveExamples = `
Signals: SIGTERM and SIGINT stop in order within 5 s; another one later on ends at once.
Exit codes: 0 stopped in order, 1 could not start or failed, 2 wrong usage.

Examples:
  durio serve --persister memory
  durio serve --listen 127.0.0.1:9100 --data-dir /var/lib/durio
  durio serve --id n1 --peers n1=http://pi1:9006,n2=http://pi2:9006,n3=http://pi3:9006 --listen 0.0.0.0:9006
`;

const devExamples = `
A replica that dies stays down, so that you can watch the others go on: type its name and Enter to
start it again, or Enter alone for all that are down. Ctrl-C stops all; a second one ends them at once.

Examples:
  durio dev
  durio dev --replicas 5 --port 9100 --data-dir ./five
  durio dev --persister memory --log-level debug
`;
