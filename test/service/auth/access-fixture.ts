import type { Hono } from "hono";
import { Guard, type Refusal } from "../../../src/service/auth/index.ts";
import { hashOf } from "../../../src/service/auth/token-hash.ts";
import { encodeToken, tokenPrefix } from "../../../src/service/auth/token-record.ts";
import { newToken } from "../../../src/service/auth/token-text.ts";
import type { Access, Anonymous, SecretRotation } from "../../../src/service/index.ts";
import { startCluster } from "../cluster.ts";
import { MemoryRecords } from "./memory-records.ts";

/** The wall time of all tests. */
export const wallTime = (): string => "2026-11-30T12:00:00.000Z";

/** A guard over records in memory, with a clock that a test sets. */
export class AccessFixture {
  readonly records: MemoryRecords = new MemoryRecords();
  readonly refusals: Refusal[] = [];
  readonly access: Access;
  nowMs = 0;

  constructor(anonymous?: Anonymous) {
    const report = (refusal: Refusal): void => {
      this.refusals.push(refusal);
    };
    const guard = new Guard({ records: this.records, now: () => this.nowMs, report, anonymous });
    const rotation: SecretRotation = { state: () => undefined, begin: async () => ({ type: "begun" }) };
    this.access = { guard, records: this.records, rotation, wallTime };
  }

  /** Registers a token and returns its text. */
  async token(name: string, may: readonly string[], expiresMs?: number): Promise<string> {
    const token = newToken();
    await this.admit(name, token, may, expiresMs);
    return token;
  }

  /** Registers a token of a given text. */
  async admit(name: string, token: string, may: readonly string[], expiresMs?: number): Promise<void> {
    const record = { hash: await hashOf(token), may, createdAt: wallTime() };
    const value = encodeToken(expiresMs === undefined ? record : { ...record, expiresMs });
    await this.records.register(tokenPrefix + name, value);
  }

  /** Starts one replica with this access, and returns its service. */
  async app(): Promise<Hono> {
    const [replica] = await startCluster({ access: this.access });
    if (replica === undefined) throw new Error("no replica was started");
    return replica.app;
  }
}

export interface Sent {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly address?: string;
}

/** Sends a request with a token from an address. */
export async function ask(
  app: Hono,
  request: string,
  { token, body, address }: Sent = {},
): Promise<Response> {
  const [method = "GET", path = "/"] = request.split(" ");
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return app.request(path, init, { address });
}

/** The reason of a problem, its status and its sentence. */
export async function problemOf(
  response: Response,
): Promise<{ readonly reason: string; readonly detail: string }> {
  const { type, status, detail } = await response.json();
  if (status !== response.status) throw new Error(`${status} in a response with ${response.status}`);
  return { reason: `${type}`.replace("urn:durio:", ""), detail };
}
