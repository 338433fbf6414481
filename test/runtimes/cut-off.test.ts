import { afterEach, beforeEach, expect, test } from "vitest";
import { Links } from "../../bench/systems/links.ts";
import { runtimes } from "../../scripts/runtimes/matrix.ts";
import { eventually, freePorts, leaderOf, read, Workshop, write } from "../durio/processes.ts";

let workshop: Workshop;
let links: Links;
let urls: readonly string[];
beforeEach(async () => {
  workshop = await Workshop.open();
  urls = (await freePorts(3)).map((port) => `http://127.0.0.1:${port}`);
  links = await Links.between(new Map(urls.map((url, turn) => [idOf(turn), new URL(url)])));
});
afterEach(async () => {
  await workshop[Symbol.asyncDispose]();
  await links[Symbol.asyncDispose]();
});

function idOf(turn: number): string {
  return `n${turn + 1}`;
}

function urlOf(turn: number): string {
  const url = urls[turn % urls.length];
  if (url === undefined) throw new RangeError("turn: of a replica");
  return url;
}

interface Status {
  readonly role: string;
  readonly leader: string | null;
}

async function statusOf(turn: number): Promise<Status> {
  return (await fetch(`${urlOf(turn)}/status`)).json() as Promise<Status>;
}

// A clock would end an attempt, too. With long request timeouts the test does not depend on it.
const flags = ["--persister", "memory", "--request-timeout-ms", "60000"];

test.each(runtimes)(
  "on %s what a follower passed on to a leader that is cut off is taken to the next leader, and done once (S5)",
  async (runtime) => {
    await Promise.all(
      urls.map((url, turn) => {
        const peers = [...links.peersOf(idOf(turn))].map(([id, { origin }]) => `${id}=${origin}`).join();
        return workshop.serveWith({ runtime }, url, "--id", idOf(turn), "--peers", peers, ...flags);
      }),
    );
    const leader = await leaderOf(urls);
    const [follower, other] = [leader + 1, leader + 2];
    expect((await write(urlOf(follower), "append", "k", "0;")).status).toBe(200);

    links.cutOff(idOf(leader));
    const passedOn = Array.from({ length: 20 }, (_, n) => write(urlOf(follower), "append", "k", `${n + 1};`));
    for (const answer of await Promise.all(passedOn)) expect(answer.status).toBe(200);
    expect((await statusOf(follower)).leader).not.toBe(idOf(leader));
    expect((await write(urlOf(other), "append", "k", "21;")).status).toBe(200);
    await eventually(async () => (await statusOf(leader)).role !== "leader");

    // Messages in flight to the old leader reach it now.
    links.heal(idOf(leader));
    await eventually(async () => (await statusOf(leader)).leader === (await statusOf(follower)).leader);
    expect((await write(urlOf(leader), "append", "k", "22;")).status).toBe(200);
    const marks = (await read(urlOf(other), "k")).split(";").filter(Boolean).map(Number);
    expect(marks.sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, n) => n));
  },
);
