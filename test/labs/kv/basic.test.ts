import { describe, expect } from "vitest";
import { runCourse } from "../lab/kv-course.ts";
import { kvLab } from "../lab/kv-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

describe("the store", () => {
  labTest("serves one client on five replicas", (seed) => runCourse(seed, { clients: 1, replicas: 5 }));

  labTest("serves five clients on five replicas", (seed) => runCourse(seed, { clients: 5, replicas: 5 }));

  labTest("serves five clients on five replicas over an unreliable network", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, network: "unreliable" }),
  );

  labTest(
    "takes concurrent appends of five clients to one key over an unreliable network, each once, in order",
    (seed) =>
      kvLab({ seed, clients: 5, replicas: 5, network: "unreliable" }, async (lab) => {
        const appends = 10;
        const appendAll = async (client: number): Promise<string[]> => {
          const values = Array.from({ length: appends }, () => lab.value("append"));
          for (const value of values) await lab.append(client, "k", value);
          return values;
        };
        const ofClients = await Promise.all([0, 1, 2, 3, 4].map(appendAll));
        const values = (await lab.get(0, "k"))?.match(/a\d+;/g) ?? [];
        expect(values).toHaveLength(5 * appends);
        for (const own of ofClients) expect(values.filter((value) => own.includes(value))).toEqual(own);
      }),
  );

  labTest("makes 1,000 puts one after the other, each within 33 ms on average", (seed) =>
    kvLab({ seed, clients: 1, replicas: 3 }, async (lab) => {
      const puts = 1000;
      await lab.get(0, "x");
      const beganMs = lab.time.now;
      let last = "";
      for (let n = 0; n < puts; n++) {
        last = lab.value("put");
        await lab.put(0, "x", last);
      }
      atMost("ms for each of 1,000 puts", (lab.time.now - beganMs) / puts, 33);
      expect(await lab.get(0, "x")).toBe(last);
    }),
  );
});
