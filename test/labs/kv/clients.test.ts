import { expect } from "vitest";
import { labTest } from "../lab/seeds.ts";
import { type KvCourse, kvCourse } from "./kv-course.ts";
import { KvLab } from "./kv-lab.ts";

const courses: readonly (readonly [name: string, course: KvCourse])[] = [
  ["one client", { clients: 1, replicas: 5 }],
  ["five clients at once", { clients: 5, replicas: 5 }],
  ["five clients on an unreliable network", { clients: 5, replicas: 5, network: "unreliable" }],
  ["one client, many partitions", { clients: 1, replicas: 5, partitions: true }],
  ["five clients, many partitions", { clients: 5, replicas: 5, partitions: true }],
  ["one client, all replicas restart", { clients: 1, replicas: 5, crashes: true }],
  ["five clients, all replicas restart", { clients: 5, replicas: 5, crashes: true }],
  ["restarts on an unreliable network", { clients: 5, replicas: 5, crashes: true, network: "unreliable" }],
  ["restarts and partitions", { clients: 5, replicas: 5, crashes: true, partitions: true }],
  [
    "restarts and partitions on an unreliable network",
    { clients: 5, replicas: 5, crashes: true, partitions: true, network: "unreliable" },
  ],
  [
    "15 clients on the same keys of 7 replicas, with restarts and partitions on an unreliable network",
    { clients: 15, replicas: 7, crashes: true, partitions: true, network: "unreliable", sharedKeys: true },
  ],
];

for (const [name, course] of courses) {
  labTest(`every append is there once, in order: ${name}`, (seed) => kvCourse(seed, course));
}

labTest("many clients append to one key: all is there, each once", async (seed) => {
  const lab = await KvLab.start({ seed, clients: 5, replicas: 5, network: "unreliable" });
  const key = "shared";
  const tokens: string[] = [];
  const append = async (client: number) => {
    for (let n = 0; n < 10; n++) {
      const token = lab.token();
      tokens.push(token);
      expect((await lab.ask(client, { type: "append", key, value: token })).type).toBe("done");
    }
  };
  await lab.settled(Promise.all([0, 1, 2, 3, 4].map(append)), 120_000);
  const value = await lab.settled(lab.value(0, key), 60_000);
  expect(value.split(";").filter(Boolean).sort()).toEqual(tokens.map((token) => token.slice(0, -1)).sort());
  lab.assertLinearizable();
});

labTest("a minority answers nothing in a second, and all within three seconds of healing", async (seed) => {
  const lab = await KvLab.start({ seed, clients: 3, replicas: 5 });
  await lab.settled(lab.ask(0, { type: "put", key: "1", value: lab.token("p") }), 10_000);
  const leader = lab.world.machines.find(({ view }) => view?.role === "leader")?.number ?? 0;
  const minority = [leader, (leader + 1) % 5];
  const { network } = lab.world;
  lab.partition((replica) => minority.includes(replica));
  // Clients 1 and 2 reach the minority alone, client 0 the majority alone.
  for (const { number } of lab.world.machines) {
    const isMinor = minority.includes(number);
    for (const client of isMinor ? [0] : [1, 2]) {
      network.cut(5 + client, number);
      network.cut(number, 5 + client);
    }
  }
  let answered = 0;
  const write = lab.ask(1, { type: "put", key: "1", value: lab.token("p") }).then(() => answered++);
  const read = lab.ask(2, { type: "get", key: "1" }).then(() => answered++);
  await lab.settled(
    lab.ask(0, { type: "put", key: "2", value: lab.token("p") }),
    10_000,
    "the majority hangs",
  );
  await lab.elapse(1000);
  expect(answered).toBe(0);
  lab.heal();
  await lab.settled(Promise.all([write, read]), 3000, "they hang after healing");
  lab.assertLinearizable();
});

labTest("speed: a thousand puts one after the other take at most 33 ms each", async (seed) => {
  const lab = await KvLab.start({ seed, clients: 1, replicas: 3 });
  await lab.settled(lab.ask(0, { type: "put", key: "k", value: lab.token("p") }), 10_000);
  const begin = lab.world.scheduler.nowUs;
  const puts = async () => {
    for (let n = 0; n < 1000; n++) await lab.ask(0, { type: "put", key: "k", value: lab.token("p") });
  };
  await lab.settled(puts(), 33_000, "too slow");
  expect((lab.world.scheduler.nowUs - begin) / 1000 / 1000).toBeLessThanOrEqual(33);
});
