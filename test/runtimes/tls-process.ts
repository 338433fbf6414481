import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { servedWithTls } from "./tls-server.ts";

// Serves HTTPS by this runtime's server. Each line of stdin is a certificate and a key as JSON: the first ones to start
// with, each later one to replace them. Answers each line with one.
const lines = createInterface({ input: process.stdin });
const [first] = await once(lines, "line");
const server = await servedWithTls(JSON.parse(first));
console.log(server.url);
lines.on("line", async (line) => {
  console.log(
    await server.reload(JSON.parse(line)).then(
      () => "reloaded",
      (error) => error.message,
    ),
  );
});
lines.on("close", () => server.stop().then(() => process.exit(0)));
