import { Hono } from "hono";
import { expect, test } from "vitest";
import { BrowserRules, clientAddress } from "../../src/service/index.ts";

const app = new Hono().get("/", (c) => c.text(`${clientAddress(c)}`));
const rules = new BrowserRules({ names: [], origins: ["https://app.example"] });

test.each([
  ["a client", {}],
  ["a page of an allowed origin", { origin: "https://app.example" }],
])("the address of %s reaches the handlers", async (_, headers: Record<string, string>) => {
  const request = new Request("http://localhost/", { headers: { host: "localhost", ...headers } });
  const response = await rules.answer(request, app.fetch, { address: "192.0.2.7" });
  expect(await response.text()).toBe("192.0.2.7");
});

test("an app that no server calls knows no address", async () => {
  const response = await app.request("/");
  expect(await response.text()).toBe("undefined");
});
