import { describe, expect } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { runCourse } from "../lab/kv-course.ts";
import { type Call, kvLab } from "../lab/kv-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

const isAnswered = ({ output }: Call) => output !== undefined;

describe("the store, parted", () => {
  labTest(
    "continues in the majority, answers nothing in the minority for 1 s, and everything within 3 s of healing",
    (seed) =>
      kvLab({ seed, clients: 4, replicas: 5 }, async (lab) => {
        const [everywhere, inMajority, putsInMinority, readsInMinority] = [0, 1, 2, 3];
        const value = () => lab.value("put");
        await lab.put(everywhere, "1", value());
        const leader = await lab.leader();
        const minority = [leader, (leader + 1) % lab.size];
        const isMinority = (n: number) => (minority.includes(n) ? 1 : 0);
        lab.part(isMinority, (client) => (client === everywhere ? undefined : client === inMajority ? 0 : 1));

        const first = value();
        await lab.put(inMajority, "1", first);
        expect(await lab.get(inMajority, "1")).toBe(first);

        const late = value();
        const put = lab.begin(putsInMinority, { type: "put", key: "1", value: late });
        const read = lab.begin(readsInMinority, { type: "get", key: "1" });
        await lab.time.sleep(1000);
        expect([put, read].filter(isAnswered)).toEqual([]);
        expect(await lab.get(inMajority, "1")).toBe(first);
        const second = value();
        await lab.put(inMajority, "1", second);
        expect(await lab.get(inMajority, "1")).toBe(second);
        expect([put, read].filter(isAnswered)).toEqual([]);

        lab.heal();
        const healedAtMs = lab.time.now;
        await lab.time.until("answers to the minority", 3000, () => isAnswered(put) && isAnswered(read));
        atMost("ms until the minority is answered", lab.time.now - healedAtMs, 3000);
        expect(await lab.get(everywhere, "1")).toBe(late);
        await lab.time.sleep(ELECTION_TIMEOUT_MS);
        expect(await lab.get(everywhere, "1")).toBe(late);
      }),
  );

  labTest("many times serves one client on five replicas", (seed) =>
    runCourse(seed, { clients: 1, replicas: 5, partitions: true }),
  );

  labTest("many times serves five clients on five replicas", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, partitions: true }),
  );
});
