import { join } from "node:path";
import process from "node:process";
import { InvalidConfig } from "../config/index.ts";
import { effectiveConfig, readConfig, type ServeConfig } from "../read-config.ts";
import { readAuthorities } from "../tls/files.ts";
import { NotDone } from "./not-done.ts";
import { type Answer, sendRequest } from "./request.ts";
import { readTokenFile, UnusableTokenFile } from "./token-file.ts";

/** Name of the file with the first token in a replica's data directory. */
export const adminTokenFile = "admin-token";

/** The replica that a command asks, and the token that it sends. */
export interface Connection {
  /** The base URL. */
  readonly url: string;
  readonly token: string | undefined;
  /** The certificates of the CAs to trust, in PEM. Undefined: those of the system. */
  readonly ca: string | undefined;
}

const timeoutMs = 15_000;
const anyHost: readonly string[] = ["0.0.0.0", "::"];

/**
 * Finds the replica and the token: `DURIO_TOKEN_FILE`, else `DURIO_TOKEN`, else the first token of this machine's replica.
 *
 * @param url the flag. Default: `DURIO_URL`, else the address of this machine's replica
 * @throws InvalidConfig, NotDone
 */
export async function connectionTo(url: string | undefined): Promise<Connection> {
  const given = url ?? process.env.DURIO_URL;
  const local = await localConfig(given);
  return {
    url: given === undefined ? urlOf(local) : baseOf(given),
    token: await tokenOf(local),
    ca: local?.tlsCaFile === undefined ? undefined : readAuthorities(local.tlsCaFile),
  };
}

/** Reads this machine's config. One that is wrong does not matter to a command that is told where to go. */
async function localConfig(url: string | undefined): Promise<ServeConfig | undefined> {
  try {
    return effectiveConfig(await readConfig({}, undefined));
  } catch (error) {
    if (url === undefined || !(error instanceof InvalidConfig)) throw error;
    return undefined;
  }
}

function baseOf(text: string): string {
  const url = text.includes("://") ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new InvalidConfig([`--url: the URL of a replica, such as http://127.0.0.1:9006, not "${text}"`]);
}

function urlOf(config: ServeConfig | undefined): string {
  if (config === undefined) return "http://127.0.0.1:9006";
  const { hostname, port } = config.listen;
  const isSecure = config.tlsCertFile !== undefined;
  // A certificate is for the name that the others use, seldom for the address of loopback.
  const local = isSecure ? nameOf(config) : "127.0.0.1";
  const host = anyHost.includes(hostname) ? local : hostname;
  const scheme = isSecure ? "https" : "http";
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The name of this replica in its URL. */
function nameOf({ id, peers }: ServeConfig): string {
  return new URL(peers.get(id) ?? "http://127.0.0.1").hostname.replace(/^\[|\]$/g, "");
}

async function tokenOf(config: ServeConfig | undefined): Promise<string | undefined> {
  const { DURIO_TOKEN_FILE: file, DURIO_TOKEN: token } = process.env;
  try {
    if (file !== undefined && file !== "") {
      const content = await readTokenFile(file);
      if (content === undefined) throw new NotDone(`DURIO_TOKEN_FILE: ${file} does not exist`);
      return content;
    }
    if (token !== undefined && token !== "") return token;
    return config === undefined ? undefined : await readTokenFile(join(config.dataDir, adminTokenFile));
  } catch (error) {
    if (error instanceof UnusableTokenFile) throw new NotDone(error.message);
    throw error;
  }
}

/** A request of a command. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Sends a request, and returns the JSON of the response; undefined if it has none.
 *
 * @throws NotDone if it was not carried out
 */
export async function send(connection: Connection, { method, path, body }: ApiRequest): Promise<unknown> {
  const { url, token, ca } = connection;
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  const text = body === undefined ? undefined : JSON.stringify(body);
  let answer: Answer;
  try {
    answer = await sendRequest(new URL(url + path), { method, headers, body: text, ca, signal });
  } catch (error) {
    const reason = reasonOf(error);
    const advice = /certificate/i.test(reason)
      ? "DURIO_TLS_CA_FILE names the file with the cluster's CA"
      : "name a replica that runs with --url";
    throw new NotDone(`${url} can't be reached: ${reason}; ${advice}`);
  }
  const { status } = answer;
  const content = jsonIn(answer.text);
  if (status >= 200 && status < 300) return content;
  throw new NotDone(`${url}: ${detailOf(content) ?? `HTTP ${status}`}${hintFor(status, token)}`);
}

function hintFor(status: number, token: string | undefined): string {
  if (status !== 401) return "";
  const where = "DURIO_TOKEN_FILE, DURIO_TOKEN, or admin-token in the data directory (DURIO_DATA_DIR)";
  return token === undefined ? `\n  no token was found: set ${where}` : `\n  the token is from ${where}`;
}

function jsonIn(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function detailOf(content: unknown): string | undefined {
  if (typeof content !== "object" || content === null || !("detail" in content)) return undefined;
  return typeof content.detail === "string" ? content.detail : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}
