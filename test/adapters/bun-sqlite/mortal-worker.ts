/** The thread of SQLite, on a database that can be killed and can fail: `kill` and `fail` come through the same port. */
import { parentPort } from "node:worker_threads";
import { openSqlite } from "../../../adapters/bun-sqlite/index.ts";
import { LocalEngine } from "../../../adapters/bun-sqlite/local-engine.ts";
import type { EngineReply, EngineRequest } from "../../../adapters/bun-sqlite/worker-messages.ts";
import { type CallPort, serveEngine } from "../../../adapters/bun-sqlite/worker-service.ts";
import { MortalDatabase } from "./mortal-database.ts";

/** The thread's message when its database is dead. It is not a reply to a call. */
export const killed: EngineReply = { number: 0, result: undefined };

/** What a test asks of the thread, beside the calls of its engine. */
export type Fate = { readonly fate: "kill" } | { readonly fate: "fail"; readonly message: string };

const port = parentPort;
let database: MortalDatabase | undefined;
let failure: Error | undefined;

async function open(file: string): Promise<MortalDatabase> {
  database = new MortalDatabase(await openSqlite(file), () => {
    const error = failure;
    failure = undefined;
    if (error) throw error;
  });
  return database;
}

function meet(fate: Fate): void {
  if (fate.fate === "fail") failure = new Error(fate.message);
  else {
    database?.kill();
    port?.postMessage(killed);
  }
}

if (port) {
  const calls: CallPort = {
    on: (event, listener) =>
      port.on(event, (message: EngineRequest | Fate) =>
        "fate" in message ? meet(message) : listener(message),
      ),
    postMessage: (reply, transfer) => port.postMessage(reply, transfer),
  };
  serveEngine(calls, new LocalEngine(open));
}
