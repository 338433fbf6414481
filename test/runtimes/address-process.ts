import process from "node:process";
import { serve } from "../../src/runtime/index.ts";

// Prints the address that a server of this runtime names for a client, over IPv4 and over IPv6.
for (const [bound, called] of [
  ["127.0.0.1", "127.0.0.1"],
  ["::", "127.0.0.1"],
  ["::1", "[::1]"],
] as const) {
  const server = await serve({
    fetch: (_, client) => new Response(`${client.address}`),
    hostname: bound,
    port: 0,
  });
  const response = await fetch(`http://${called}:${server.port}`);
  console.log(await response.text());
  await server.stop();
}
process.exit(0);
