import { nearest } from "./config/index.ts";

/** Requests to the store that a user might try as commands; durio has no client yet. */
const requests: Readonly<Record<string, string>> = {
  get: "curl http://127.0.0.1:9006/kvstore/get/KEY",
  put: `curl http://127.0.0.1:9006/kvstore/put -H 'content-type: application/json' -d '{"key":"KEY","value":"VALUE"}'`,
  append: `curl http://127.0.0.1:9006/kvstore/append -H 'content-type: application/json' -d '{"key":"KEY","value":"VALUE"}'`,
  status: "curl http://127.0.0.1:9006/status",
};

/**
 * Returns the message for an argument that is neither a flag nor a command.
 *
 * @param command the command before it; undefined if there was none, so that the argument was meant as a command
 * @param commands the names of all commands
 */
export function strayArgument(
  argument: string,
  command: string | undefined,
  commands: readonly string[],
): string {
  if (command !== undefined) return `${command} takes no argument: ${JSON.stringify(argument)}`;
  const request = requests[argument];
  if (request !== undefined) return `durio has no client yet: ${request}`;
  const meant = nearest(argument, commands);
  const list = commands.join(", ").replace(/, ([^,]*)$/, " and $1");
  return meant === undefined
    ? `unknown command ${argument}; the commands are ${list}`
    : `unknown command ${argument}; did you mean ${meant}?`;
}
