import { nearest } from "./config/index.ts";

/** What the store can be asked for; durio has no client for it yet. */
const requests: Readonly<Record<string, string>> = {
  get: "curl http://127.0.0.1:9006/kvstore/get/KEY",
  put: `curl http://127.0.0.1:9006/kvstore/put -H 'content-type: application/json' -d '{"key":"KEY","value":"VALUE"}'`,
  append: `curl http://127.0.0.1:9006/kvstore/append -H 'content-type: application/json' -d '{"key":"KEY","value":"VALUE"}'`,
  status: "curl http://127.0.0.1:9006/status",
};

/**
 * What to say of an argument that is neither a flag nor a command.
 *
 * @param command the command it was given to; undefined if none was named, so that it was meant as one
 * @param commands those that there are
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
    ? `no command ${argument}; the commands are ${list}`
    : `no command ${argument}; did you mean ${meant}?`;
}
