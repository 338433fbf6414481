import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "nats";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { peerSeal } from "../../adapters/seal/index.ts";
import { NatsServer } from "../../bench/systems/nats-server.ts";
import { type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { encodeSealHead, joinSealed, rpcContentType } from "../../src/rpc/index.ts";
import type { RuntimeName } from "../../src/runtime/index.ts";
import {
  type Durio,
  eventually,
  freePorts,
  leaderOf,
  Plan,
  read,
  Workshop,
  write,
} from "../durio/processes.ts";
import { type Attack, attacks, type Known, type Message } from "./attacks.ts";

const clusterId = "durio";
const secret = "the secret of the cluster that is attacked";
const another = "a secret that the attacker has made up";

let workshop: Workshop;
let plan: Plan;
let replicas: Durio[];
beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
  await writeFile(join(workshop.directory, "secret"), `${secret}\n`, { mode: 0o600 });
});
afterEach(() => workshop[Symbol.asyncDispose]());

async function startCluster(runtime: RuntimeName, ...flags: string[]): Promise<void> {
  const start = (turn: number) =>
    workshop.serveWith({ runtime }, plan.url(turn), ...plan.flags(turn), ...flags);
  replicas = await Promise.all([0, 1, 2].map(start));
  await leaderOf(plan.urls);
}

/** Sends bytes to a replica's service, and returns those of the answer. */
type Send = (turn: number, message: Message) => Promise<Uint8Array>;

/** Over HTTP a refused message gets 401 and no body. */
const byHttp: Send = async (turn, { service, bytes }) => {
  const response = await fetch(`${plan.url(turn)}/rpc/${service}`, {
    method: "POST",
    headers: { "content-type": rpcContentType },
    body: bytes,
  });
  const answer = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 401) throw new Error(`${service} answered ${response.status}`);
  return answer;
};

/** What an attacker learns from a replica that tells everybody its status. */
async function known(turn: number): Promise<Known> {
  const { term, lastLogIndex } = await status(turn);
  const leader = await leaderOf(plan.urls);
  const id = (of: number): ReplicaId => replicaId(`n${(of % 3) + 1}`);
  const from = turn === leader ? id(turn + 1) : id(leader);
  return { clusterId, to: id(turn), from, term, leader: id(leader), lastLogIndex };
}

interface Status {
  readonly term: number;
  readonly lastLogIndex: number;
  readonly seal: { readonly refused: number } | null;
}

async function status(turn: number): Promise<Status> {
  return (await fetch(`${plan.url(turn)}/status`)).json() as Promise<Status>;
}

/** The message under another secret, for a process with a guessed number. */
function sealed({ service, bytes }: Message, sequence: number): Message {
  const seal = peerSeal({ secrets: [another], clusterId, encrypts: false });
  const { keyNumber } = seal;
  const head = encodeSealHead({ kind: "call", keyNumber, sender: seal.newBoot(), receiver: 1, sequence });
  const { tag, content } = seal.seal(head, new Uint8Array(), bytes);
  return { service, bytes: joinSealed(head, tag, content) };
}

/** Attacks every replica. Returns the number of messages that were sent to each. */
async function attack(how: Attack, send: Send): Promise<number> {
  let sent = 0;
  for (const turn of [0, 1, 2]) {
    const messages = how.messages(await known(turn));
    for (const [at, message] of messages.entries()) {
      for (const each of [message, sealed(message, at + 1)]) {
        expect((await send(turn, each)).length, `bytes in the answer to ${how.name}`).toBe(0);
        sent++;
      }
    }
  }
  return sent / 3;
}

/** Runs all attacks while honest clients write. */
async function expectNothingDone(send: Send): Promise<void> {
  expect((await write(plan.url(0), "put", "honest", "true")).status).toBe(200);
  const before = await Promise.all([0, 1, 2].map(status));
  let ended = false;
  const statuses: number[] = [];
  const honest = (async () => {
    while (!ended)
      statuses.push((await write(plan.url(statuses.length), "put", `k${statuses.length}`, "v")).status);
  })();
  let sent = 0;
  for (const how of attacks) sent += await attack(how, send);
  ended = true;
  await honest;
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (const turn of [0, 1, 2]) {
    expect(await read(plan.url(turn), "honest")).toBe("true");
    const { term, seal } = await status(turn);
    // A slow machine may have other elections; the attacks name far later terms.
    expect(term).toBeLessThan((before[turn]?.term ?? 0) + 100);
    expect(seal?.refused).toBeGreaterThanOrEqual((before[turn]?.seal?.refused ?? 0) + sent);
    await eventually(() => replicas[turn]?.stderr.includes("refused"));
  }
}

describe("a cluster with a secret refuses every attack unread, logs it, and goes on", () => {
  test.each(["bun", "node", "deno"] as const)("over HTTP, on %s", async (runtime) => {
    await startCluster(runtime, "--secret-file", "secret", "--anonymous", "write");
    await expectNothingDone(byHttp);
  });

  test.each(["bun", "node", "deno"] as const)("over NATS, on %s", async (runtime) => {
    const [port = 0] = await freePorts(1);
    await using server = new NatsServer(port);
    await server.start();
    const nats = ["--transport", "nats", "--nats-url", server.url];
    await startCluster(runtime, ...nats, "--secret-file", "secret", "--anonymous", "write");
    const connection = await connect({ servers: server.url });
    await expectNothingDone(async (turn, { service, bytes }) => {
      const subject = `ruaft.${clusterId}.0.n${turn + 1}.${service}`;
      return (await connection.request(subject, bytes, { timeout: 60_000 })).data;
    });
    await connection.close();
  });
});

describe("the attacks", () => {
  test("work where there is no secret: one message ends the leadership, in a far later term", async () => {
    await startCluster("bun");
    const append = attacks.find(({ name }) => name.includes("far later term"));
    for (const turn of [0, 1, 2]) {
      for (const message of append?.messages(await known(turn)) ?? [])
        await byHttp(turn, message).catch(() => {});
    }
    await eventually(async () => (await status(0)).term >= 2 ** 31);
  });
});
