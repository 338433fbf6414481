/** The script of SQLite's thread, started by `WorkerEngine`. */
import { parentPort } from "node:worker_threads";
import { openSqlite } from "./database.ts";
import { LocalEngine } from "./local-engine.ts";
import { serveEngine } from "./worker-service.ts";

if (parentPort) serveEngine(parentPort, new LocalEngine(openSqlite));
