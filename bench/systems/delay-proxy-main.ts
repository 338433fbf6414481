import { connect, createServer, type Socket } from "node:net";

// Listens on ports and forwards data to other ports in both directions, `delayMs` later and in order. Arguments:
// delayMs, then FROM=TO ports. Prints a line once it listens.
const [delay, ...routes] = process.argv.slice(2);
const delayMs = Number(delay);

const listening = routes.map((route) => {
  const [from, to] = route.split("=").map(Number);
  const server = createServer((near) => {
    const far = connect(to ?? 0, "127.0.0.1");
    pass(near, far);
    pass(far, near);
  });
  return new Promise<void>((resolve) => server.listen(from, "127.0.0.1", resolve));
});
await Promise.all(listening);
console.log("listening");

/** Timers of equal length fire in the order in which they were set. */
function pass(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on("data", (chunk) => setTimeout(() => to.write(chunk), delayMs));
  from.on("end", () => setTimeout(() => to.end(), delayMs));
  from.on("error", () => to.destroy());
}
