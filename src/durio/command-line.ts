import { Command, CommanderError, Option } from "commander";
import {
  type ConfigSchema,
  describe,
  devSchema,
  type ReplicaSettings,
  type Resolved,
  replicaSchema,
  WrongSettings,
} from "./config/index.ts";
import { printConfig, printConfigFile, printConfigSchema } from "./config-command.ts";
import { dev } from "./dev.ts";
import { devSettings, replicaSettings, serveOptions } from "./options.ts";
import { serve } from "./serve.ts";
import { strayArgument } from "./stray-argument.ts";
import { versionText } from "./version.ts";

const wrongUsage = 2;

/** Runs the program with the arguments after its name, and returns the exit code. */
export async function commandLine(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof WrongSettings) {
      for (const problem of error.problems) console.error(`error: ${problem}`);
      return wrongUsage;
    }
    // Commander has said what it is about; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
    if (isBrokenPipe(error)) return 0;
    throw error;
  }
}

/** The reader of what is printed has read enough, and closed its end. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

function program(): Command {
  const durio = new Command("durio")
    .description("A replicated key-value store with an HTTP service. Without a command: serve.")
    .version(versionText(), "-v, --version")
    .helpCommand(false)
    .helpOption("-h, --help", "print this help; durio COMMAND --help has the flags of a command")
    .exitOverride();
  // Made with `durio.command`, so that they inherit how the program ends.
  describeServe(durio.command("serve", { isDefault: true }));
  describeDev(durio.command("dev"));
  describeConfig(durio.command("config"));
  describeVersion(durio.command("version"));
  describeHelp(durio.command("help"), durio);
  return durio.addHelpText("after", programExamples);
}

function describeServe(command: Command): void {
  command.description("Run one replica. Without flags: a cluster of one, n1, at http://127.0.0.1:9006.");
  addReplicaOptions(command);
  command.option("--port <number>", "short for --listen 127.0.0.1:NUMBER");
  // For dev, whose children hear by their stdin that it ended.
  command.addOption(new Option("--exit-with-parent").hideHelp());
  command.addHelpText("after", serveExamples);
  run<ReplicaFlags>(command, async ({ config, exitWithParent = false, port, ...flags }) => {
    const settings = await settingsOf(port === undefined ? flags : { listen: port, ...flags }, config);
    await serve(serveOptions(settings), exitWithParent);
  });
}

function describeDev(command: Command): void {
  command.description("Run a whole cluster on this machine, one process per replica, until Ctrl-C.");
  addSettings(command, describe(devSchema).properties);
  // For tests, so that a cluster ends with those who watch it.
  command.addOption(new Option("--exit-with-parent").hideHelp());
  command.addHelpText("after", devExamples);
  run<ReplicaFlags>(command, ({ exitWithParent = false, ...flags }) =>
    dev(devSettings(flags), exitWithParent),
  );
}

function describeConfig(command: Command): void {
  command.description("Print the settings that a replica would run with, and where each comes from.");
  addReplicaOptions(command);
  command
    .option("--json", "print them as a config file")
    .option("--schema", "print the JSON Schema of config files, for editors")
    .addHelpText("after", configExamples);
  run<ReplicaFlags>(command, async ({ config, json, schema, ...flags }) => {
    if (schema) return printConfigSchema();
    const settings = await settingsOf(flags, config);
    return json ? printConfigFile(settings) : printConfig(settings);
  });
}

function describeVersion(command: Command): void {
  command.description("Print the version, the runtime and the platform, as --version does.");
  run<Flags>(command, async () => console.log(versionText()));
}

function describeHelp(command: Command, durio: Command): void {
  command.description("Print the help of durio, or of a command.").argument("[command]");
  command.action((name: string | undefined) => {
    if (name === undefined) return durio.help();
    const named = durio.commands.find((candidate) => candidate.name() === name);
    return named === undefined
      ? durio.error(`error: ${strayArgument(name, undefined, commandsOf(durio))}`)
      : named.help();
  });
}

type Flags = Readonly<Record<string, unknown>>;

interface ReplicaFlags extends Flags {
  readonly port?: string;
  readonly config?: string | false;
  readonly exitWithParent?: boolean;
  readonly json?: boolean;
  readonly schema?: boolean;
}

/** The settings of a replica; what was passed over is said. */
async function settingsOf(
  flags: Flags,
  config: string | false | undefined,
): Promise<Resolved<ReplicaSettings>> {
  const settings = await replicaSettings(flags, config);
  for (const warning of settings.warnings) console.error(`warning: ${warning}`);
  return settings;
}

function addReplicaOptions(command: Command): void {
  addSettings(command, describe(replicaSchema).properties);
  command
    .option(
      "--config <file>",
      "a file with settings, or a program that exports them (default: durio.json, if there is one)",
    )
    .option("--no-config", "read no file");
}

/** The placeholder of a setting's value in the help, if it is not the name of the type. */
const metavars: Readonly<Record<string, string>> = {
  peers: "id=url,…",
  listen: "host:port",
  allowHost: "name,…",
  allowOrigin: "url,…",
  natsUrl: "url,…",
  natsPrefix: "words",
  natsTokenFile: "file",
  natsCredentialsFile: "file",
  natsTlsCaFile: "file",
  natsTlsCertFile: "file",
  natsTlsKeyFile: "file",
  electionTimeoutMs: "min-max",
  dataDir: "dir",
  id: "id",
  clusterId: "name",
};

function addSettings(command: Command, settings: ConfigSchema["properties"]): void {
  for (const [setting, { type, description = "", default: usual, enum: names }] of Object.entries(settings)) {
    const metavar = metavars[setting] ?? (names ? "name" : type === "integer" ? "number" : "text");
    const flag = setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const ending = usual === undefined || usual === "" ? "" : ` (default: ${usual})`;
    command.option(`--${flag} <${metavar}>`, description + ending);
  }
}

function commandsOf(durio: Command | null): string[] {
  return durio?.commands.map((command) => command.name()) ?? [];
}

/** Arguments are refused here: the default command gets whatever was meant to be one. */
function run<Given extends Flags>(command: Command, action: (flags: Given) => Promise<void>): void {
  command.allowExcessArguments().action((flags: Given, { args: [stray] }: Command) => {
    if (stray === undefined) return action(flags);
    const [named] = command.parent?.args ?? [];
    const isNamed = named === command.name();
    return command.error(
      `error: ${strayArgument(stray, isNamed ? named : undefined, commandsOf(command.parent))}`,
    );
  });
}

const programExamples = `
Examples:
  durio                     one replica, a cluster of its own, data in ./.durio/n1
  durio dev                 three replicas to try things with
  durio --id n2 --peers n1=http://10.0.0.1:9006,n2=http://10.0.0.2:9006,n3=http://10.0.0.3:9006
`;

const settingsHelp = `
Each setting is also a variable of the environment, such as DURIO_DATA_DIR, and a field of durio.json,
such as "dataDir". Flags win over the environment, and that over the file.
`;

const configExamples = `${settingsHelp}
Examples:
  durio config
  durio config --persister bun-sqlite --json > durio.json
  durio config --schema > durio.schema.json
`;

const serveExamples = `${settingsHelp}
Signals: SIGTERM, SIGINT and SIGHUP stop in order within 5 s; another one later on ends at once.
Exit codes: 0 stopped in order, 1 could not start or failed, 2 wrong usage.

Examples:
  durio serve --persister memory
  durio serve --listen 127.0.0.1:9100 --data-dir /var/lib/durio
  durio serve --id n1 --peers n1=http://pi1:9006,n2=http://pi2:9006,n3=http://pi3:9006 --listen 0.0.0.0:9006
  durio serve --transport nats --nats-url nats://10.0.0.1:4222,nats://10.0.0.2:4222
`;

const devExamples = `
A replica that dies stays down, so that you can watch the others go on: type its name and Enter to
start it again, or Enter alone for all that are down. Ctrl-C stops all; a second one ends them at once.

Examples:
  durio dev
  durio dev --replicas 5 --port 9100 --data-dir ./five
  durio dev --persister memory --log-level debug
`;
