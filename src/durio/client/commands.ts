import type { Command } from "commander";
import type { ClientFlags, CreateFlags } from "./token-command.ts";

/** Adds the commands below `durio secret` that ask a running replica. */
export function addRotationCommands(secret: Command): void {
  const rotate = secret.command("rotate").description("Give all replicas another secret, while they run.");
  addClientFlags(rotate).addHelpText("after", rotationExamples);
  rotate.action(async (flags: ClientFlags) => (await secretCommands()).rotateSecret(flags));
  const status = secret.command("status").description("Show the change of the secret that is in progress.");
  addClientFlags(status).addHelpText("after", rotationExamples);
  status.action(async (flags: ClientFlags) => (await secretCommands()).showRotation(flags));
}

function secretCommands(): Promise<typeof import("./secret-command.ts")> {
  return import("./secret-command.ts");
}

/** Adds the commands that ask a running replica. */
export function addClientCommands(durio: Command): void {
  describeToken(durio.command("token"));
  const events = durio.command("events");
  events.description("List the last changes of tokens: what, by whom, from where.");
  addClientFlags(events).addHelpText("after", eventsExamples);
  events.action(async (flags: ClientFlags) => (await commands()).listEvents(flags));
}

/** Loaded when needed, so that other commands start faster. */
function commands(): Promise<typeof import("./token-command.ts")> {
  return import("./token-command.ts");
}

function describeToken(token: Command): void {
  token.description("Create, list and revoke the tokens of clients.").helpCommand(false);
  token.addHelpText("after", tokenExamples);
  const create = token.command("create").argument("<name>");
  create.description("Create a token, and print it once.");
  create.option("--may <scope>", "scope that it grants; may be repeated", collect, []);
  create.option("--ttl <duration>", "time until it expires, such as 12h or 30d (default: it never does)");
  addClientFlags(create).addHelpText("after", tokenExamples);
  create.action(async (name: string, flags: CreateFlags) => (await commands()).createToken(name, flags));
  const list = token.command("list").description("List the tokens, without their texts.");
  addClientFlags(list).addHelpText("after", listExamples);
  list.action(async (flags: ClientFlags) => (await commands()).listTokens(flags));
  const revoke = token.command("revoke").argument("<name>");
  revoke.description("Revoke a token. Each replica refuses it once it has applied this.");
  addClientFlags(revoke).addHelpText("after", tokenExamples);
  revoke.action(async (name: string, flags: ClientFlags) => (await commands()).revokeToken(name, flags));
}

function addClientFlags(command: Command): Command {
  return command
    .option(
      "--url <url>",
      "URL of a replica (default: DURIO_URL, else that of durio.json or http://127.0.0.1:9006)",
    )
    .option("--json", "print JSON");
}

function collect(scope: string, given: readonly string[]): string[] {
  return [...given, scope];
}

const tokenSource = `
The token that the command itself needs has the scope admin. It is read from the file DURIO_TOKEN_FILE, else from
DURIO_TOKEN, else from admin-token in the data directory of this machine's replica.
Exit codes: 0 done, 1 not done, 2 usage error.
`;

const tokenExamples = `
Scopes: read, write, watch and lock, each for all keys or with a prefix; metrics, backup, and admin, which includes all.
${tokenSource}
Examples:
  durio token create ci --may "read app/" --may "write app/cache/" --ttl 30d
  durio token create grafana --may metrics --url http://pi2:9006 > grafana-token
  durio token list
  durio token revoke ci
`;

const rotationExamples = `${tokenSource}
The replicas write the new secret into their files of secrets. The change goes on if this command, a replica or the
leader ends; it waits for replicas that are down. A secret in DURIO_SECRET or in a read-only file must be changed by hand:
add the new secret as a second line everywhere, then make it the first, then remove the old one.

Examples:
  durio secret rotate
  durio secret status --url http://pi2:9006
`;

const listExamples = `${tokenSource}
LAST USED is what the replica that is asked has seen since its start.

Examples:
  durio token list
  DURIO_TOKEN_FILE=./admin-token durio token list --url http://pi2:9006 --json
`;

const eventsExamples = `${tokenSource}
Examples:
  durio events
  durio events --json | tail -n 5
`;
