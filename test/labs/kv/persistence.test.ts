import { describe } from "vitest";
import { runCourse } from "../lab/kv-course.ts";
import { labTest } from "../lab/seeds.ts";

const network = "unreliable";
const crashes = true;
const partitions = true;

describe("the store, crashed as a whole", () => {
  labTest("keeps what one client wrote to five replicas", (seed) =>
    runCourse(seed, { clients: 1, replicas: 5, crashes }),
  );

  labTest("keeps what five clients wrote to five replicas", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, crashes }),
  );

  labTest("keeps what five clients wrote over an unreliable network", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, crashes, network }),
  );

  labTest("keeps what five clients wrote while it was parted", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, crashes, partitions }),
  );

  labTest("keeps what five clients wrote while it was parted, over an unreliable network", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, crashes, partitions, network }),
  );

  labTest(
    "stays linearizable for 15 clients on 7 parted replicas with keys in common, over an unreliable network",
    (seed) => runCourse(seed, { clients: 15, replicas: 7, crashes, partitions, network, randomKeys: true }),
  );
});
