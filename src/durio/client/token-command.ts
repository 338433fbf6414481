import { InvalidConfig } from "../config/index.ts";
import { connectionTo, send } from "./connection.ts";
import { durationIn, durationText } from "./durations.ts";
import { printTable } from "./table.ts";

/** Flags of all commands that ask a replica. */
export interface ClientFlags {
  readonly url?: string;
  readonly json?: boolean;
}

export interface CreateFlags extends ClientFlags {
  readonly may?: readonly string[];
  readonly ttl?: string;
}

/** Creates a token. Prints its text alone on stdout, so that a file can take it. */
export async function createToken(name: string, { may = [], ttl, url, json }: CreateFlags): Promise<void> {
  if (may.length === 0) {
    throw new InvalidConfig(['--may: at least one scope, such as --may read or --may "write app/"']);
  }
  const ttlMs = ttl === undefined ? null : durationIn(ttl);
  if (ttlMs === undefined) {
    throw new InvalidConfig([`--ttl: a number with s, min, h or d, such as 30d, not "${ttl}"`]);
  }
  const connection = await connectionTo(url);
  const reply = await send(connection, { method: "POST", path: "/v1/tokens", body: { name, may, ttlMs } });
  const token = fieldOf(reply, "token");
  if (json) return console.log(JSON.stringify(reply));
  const expiry = ttlMs === null ? "never expires" : `expires in ${durationText(ttlMs)}`;
  console.error(`created ${name}: ${may.join(", ")}; ${expiry}. Its token is shown only now:`);
  console.log(token);
}

/** Lists the tokens. */
export async function listTokens({ url, json }: ClientFlags): Promise<void> {
  const reply = await send(await connectionTo(url), { method: "GET", path: "/v1/tokens" });
  if (json) return console.log(JSON.stringify(reply));
  const rows = listOf(reply, "tokens").map((token) => [
    textOf(token.name),
    textOf(token.kind),
    Array.isArray(token.may) ? token.may.join("   ") : "",
    expiryText(token.expiresInMs),
    lastUseText(token.lastUsed),
  ]);
  printTable(["NAME", "KIND", "MAY", "EXPIRES", "LAST USED"], rows);
}

/** Revokes a token. */
export async function revokeToken(name: string, { url, json }: ClientFlags): Promise<void> {
  const path = `/v1/tokens/${encodeURIComponent(name)}`;
  await send(await connectionTo(url), { method: "DELETE", path });
  if (json) console.log(JSON.stringify({ name, revoked: true }));
  else console.error(`revoked ${name}: replicas refuse it as soon as they have applied this`);
}

/** Lists the last changes of who may do what. */
export async function listEvents({ url, json }: ClientFlags): Promise<void> {
  const reply = await send(await connectionTo(url), { method: "GET", path: "/v1/events" });
  const events = listOf(reply, "events");
  if (json) {
    for (const event of events) console.log(JSON.stringify(event));
    return;
  }
  const rows = events.map(({ index, at, who, from, what }) => [
    `${index}`,
    textOf(at),
    textOf(who),
    textOf(from) || "-",
    textOf(what),
  ]);
  printTable(["INDEX", "TIME", "WHO", "FROM", "WHAT"], rows);
}

function expiryText(expiresInMs: unknown): string {
  if (typeof expiresInMs !== "number") return "never";
  return expiresInMs === 0 ? "expired" : `in ${durationText(expiresInMs)}`;
}

function lastUseText(lastUsed: unknown): string {
  const agoMs = fieldOf(lastUsed, "agoMs");
  if (typeof agoMs !== "number") return "-";
  const address = fieldOf(lastUsed, "address");
  const from = typeof address === "string" ? ` from ${address}` : "";
  return `${durationText(agoMs)} ago${from}`;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

function listOf(value: unknown, name: string): readonly Readonly<Record<string, unknown>>[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
