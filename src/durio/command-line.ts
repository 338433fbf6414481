import { Command, CommanderError, Option } from "commander";
import { describeCert } from "./cert/command.ts";
import { addClientCommands, addRotationCommands } from "./client/commands.ts";
import { NotDone } from "./client/not-done.ts";
import {
  type ConfigSchema,
  devSchema,
  InvalidConfig,
  jsonSchemaOf,
  type ReplicaConfig,
  type Resolved,
  replicaSchema,
  withoutClusterSecrets,
} from "./config/index.ts";
import { printConfig, printConfigFile, printConfigSchema } from "./config-command.ts";
import { dev } from "./dev.ts";
import { devConfig, effectiveConfig, readConfig } from "./read-config.ts";
import { printNewSecret } from "./secret/index.ts";
import { serve } from "./serve.ts";
import { strayArgument } from "./stray-argument.ts";
import { versionText } from "./version.ts";

const notDone = 1;
const usageError = 2;

/** Runs the program with the arguments after its name. Returns the exit code. */
export async function commandLine(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof InvalidConfig) {
      for (const problem of error.problems) console.error(`error: ${problem}`);
      return usageError;
    }
    if (error instanceof NotDone) {
      console.error(`error: ${error.message}`);
      return notDone;
    }
    // Commander has printed the message already. Help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError;
    if (isBrokenPipe(error)) return 0;
    throw error;
  }
}

/** Returns whether the reader of the output closed the pipe. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

function program(): Command {
  const durio = new Command("durio")
    .description("A replicated key-value store with an HTTP service. Without a command: serve.")
    .version(versionText(), "-v, --version")
    .helpCommand(false)
    .helpOption("-h, --help", "print this help; durio COMMAND --help lists the flags of a command")
    .exitOverride()
    // An argument that was typed in the wrong place may be a secret.
    .configureOutput({ outputError: (text, write) => write(withoutClusterSecrets(text)) });
  // Created by `durio.command`, so that they inherit `exitOverride`.
  describeServe(durio.command("serve", { isDefault: true }));
  describeDev(durio.command("dev"));
  describeConfig(durio.command("config"));
  describeSecret(durio.command("secret"));
  describeCert(durio.command("cert"));
  addClientCommands(durio);
  describeVersion(durio.command("version"));
  describeHelp(durio.command("help"), durio);
  return durio.addHelpText("after", programExamples);
}

function describeServe(command: Command): void {
  command.description("Run one replica. Without flags: a cluster of one, n1, at http://127.0.0.1:9006.");
  addReplicaFlags(command);
  command.option("--port <number>", "short for --listen 127.0.0.1:NUMBER");
  // Used by `dev`: its children end when their stdin closes.
  command.addOption(new Option("--exit-with-parent").hideHelp());
  command.addHelpText("after", serveExamples);
  run<ReplicaFlags>(command, async ({ config, exitWithParent = false, port, ...flags }) => {
    const resolved = await readAndWarn(port === undefined ? flags : { listen: port, ...flags }, config);
    await serve(effectiveConfig(resolved), exitWithParent);
  });
}

function describeDev(command: Command): void {
  command.description("Run a whole cluster on this machine, one process per replica, until Ctrl-C.");
  addSettings(command, jsonSchemaOf(devSchema).properties);
  // Used by tests, so that a cluster ends with the test process.
  command.addOption(new Option("--exit-with-parent").hideHelp());
  command.addHelpText("after", devExamples);
  run<ReplicaFlags>(command, ({ exitWithParent = false, ...flags }) => dev(devConfig(flags), exitWithParent));
}

function describeConfig(command: Command): void {
  command.description("Print the settings that a replica would use, and the source of each.");
  addReplicaFlags(command);
  command
    .option("--json", "print them as a config file")
    .option("--schema", "print the JSON Schema of config files, for editors")
    .addHelpText("after", configExamples);
  run<ReplicaFlags>(command, async ({ config, json, schema, ...flags }) => {
    if (schema) return printConfigSchema();
    const resolved = await readAndWarn(flags, config);
    return json ? printConfigFile(resolved) : printConfig(resolved);
  });
}

function describeSecret(command: Command): void {
  command.description("Make the secret by which the replicas of a cluster know each other.");
  command.helpCommand(false).allowExcessArguments().addHelpText("after", secretExamples);
  command.action((_: Flags, { args: [stray] }: Command) => {
    const mistake = stray === undefined ? "needs a command" : `has no command ${stray}`;
    return command.error(
      `error: secret ${mistake}: durio secret new prints a new secret, durio secret rotate changes that of a cluster`,
    );
  });
  addRotationCommands(command);
  const made = command.command("new").description("Print a new secret, or write it to a file.");
  made.option("--out <file>", "write it to a new file that only its owner can read");
  made.allowExcessArguments().addHelpText("after", secretExamples);
  made.action(({ out }: { readonly out?: string }, { args: [stray] }: Command) =>
    stray === undefined
      ? printNewSecret(out)
      : made.error(`error: secret new takes no argument: ${JSON.stringify(stray)}; --out FILE names a file`),
  );
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

/** Reads the config of a replica and prints its warnings. */
async function readAndWarn(
  flags: Flags,
  config: string | false | undefined,
): Promise<Resolved<ReplicaConfig>> {
  const resolved = await readConfig(flags, config);
  for (const warning of resolved.warnings) console.error(`warning: ${warning}`);
  return resolved;
}

function addReplicaFlags(command: Command): void {
  addSettings(command, jsonSchemaOf(replicaSchema).properties);
  command
    .option(
      "--config <file>",
      "config file, or program that exports the config (default: durio.json if it exists)",
    )
    .option("--no-config", "read no config file");
}

/** Placeholders in the help for settings whose type's name says too little. */
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
  record: "file",
  secretFile: "file",
  peerListen: "host:port",
  tlsCertFile: "file",
  tlsKeyFile: "file",
  tlsCaFile: "file",
  id: "id",
  clusterId: "name",
};

function addSettings(command: Command, settings: ConfigSchema["properties"]): void {
  for (const [setting, { type, description = "", default: usual, enum: names }] of Object.entries(settings)) {
    const metavar = metavars[setting] ?? (names ? "name" : type === "integer" ? "number" : "text");
    const flag = setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (type === "boolean") {
      command.option(`--${flag}`, description);
      continue;
    }
    const ending = usual === undefined || usual === "" ? "" : ` (default: ${usual})`;
    command.option(`--${flag} <${metavar}>`, description + ending);
  }
}

function commandsOf(durio: Command | null): string[] {
  return durio?.commands.map((command) => command.name()) ?? [];
}

/** Rejects arguments here, because the default command also gets misspelt command names. */
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
  durio                     a cluster of one replica, data in ./.durio/n1
  durio dev                 a trial cluster of three replicas
  durio secret new --out ./secret
  durio --id n2 --peers n1=http://10.0.0.1:9006,n2=http://10.0.0.2:9006,n3=http://10.0.0.3:9006 \\
        --secret-file ./secret
`;

const settingsHelp = `
Each setting is also an environment variable, such as DURIO_DATA_DIR, and a field of durio.json,
such as "dataDir". Flags override the environment, which overrides the file.
`;

const configExamples = `${settingsHelp}
Examples:
  durio config
  durio config --persister bun-sqlite --json > durio.json
  durio config --schema > durio.schema.json
`;

const secretExamples = `
Every replica of a cluster needs the same secret. It is read from --secret-file, else from DURIO_SECRET, else
from systemd's credential "secret". A file has one secret a line: the first seals messages, all of them open messages.

Examples:
  durio secret new --out /etc/durio/secret
  durio secret new >> /etc/durio/secret        a second secret, before it replaces the first
  durio --listen 0.0.0.0:9006 --secret-file /etc/durio/secret
`;

const serveExamples = `${settingsHelp}
Signals: SIGTERM, SIGINT and SIGHUP shut down gracefully within 5 s; a second signal ends the process at once.
With a certificate or a secret file, SIGHUP reloads the files instead. They are also looked at every 10 s.
Exit codes: 0 graceful shutdown, 1 startup failure or failure, 2 usage error.

Examples:
  durio serve --persister memory
  durio serve --listen 127.0.0.1:9100 --data-dir /var/lib/durio
  durio serve --id n1 --peers n1=http://pi1:9006,n2=http://pi2:9006,n3=http://pi3:9006 \\
              --listen 0.0.0.0:9006 --secret-file /etc/durio/secret
  durio serve --id n1 --peers n1=https://pi1:9006,n2=https://pi2:9006,n3=https://pi3:9006 --secret-file ./secret \\
              --tls-cert-file pi1.crt --tls-key-file pi1.key --tls-ca-file ca.crt
  durio serve --transport nats --nats-url nats://10.0.0.1:4222,nats://10.0.0.2:4222 --secret-file ./secret
`;

const devExamples = `
A replica that dies stays down, so that you can watch the others continue. Type its name and Enter to
restart it, or only Enter to restart all that are down. Ctrl-C stops all replicas; a second one kills them.

Examples:
  durio dev
  durio dev --replicas 5 --port 9100 --data-dir ./five
  durio dev --persister memory --log-level debug
`;
