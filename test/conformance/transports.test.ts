import { describe, test } from "vitest";
import { transportConformance } from "../../src/testing/transport-conformance/index.ts";
import { transports } from "./transport-fixtures.ts";

describe.each(Object.entries(transports))("the transport %s conforms", (_, open) => {
  for (const { name, run } of transportConformance) {
    test(name, async () => {
      await using fixture = await open();
      await run(fixture);
    });
  }
});
