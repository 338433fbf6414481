import { describe, expect, test } from "vitest";
import { Addresses, type Resolve } from "../../transports/http/addresses.ts";
import { settled } from "./manual-clock.ts";

const forever = new AbortController().signal;

/** A name server whose answers the test gives, and its clients. */
class NameServer {
  nowMs = 0;
  readonly asked: string[] = [];
  readonly addresses: Addresses;
  readonly #open = new Map<string, { resolve: (found: string[]) => void; reject: (error: Error) => void }>();

  constructor() {
    const resolve: Resolve = (name) => {
      this.asked.push(name);
      return new Promise((resolve, reject) => this.#open.set(name, { resolve, reject }));
    };
    this.addresses = new Addresses(resolve, () => this.nowMs);
  }

  async answers(name: string, ...found: string[]): Promise<void> {
    this.#open.get(name)?.resolve(found);
    await settled();
  }

  async fails(name: string, message: string): Promise<void> {
    this.#open.get(name)?.reject(new Error(message));
    await settled();
  }

  async knows(name: string, ...found: string[]): Promise<void> {
    const address = this.addresses.of(name, forever);
    await this.answers(name, ...found);
    await address;
    this.nowMs += 10_000;
  }
}

describe("a name that was resolved once", () => {
  test("costs no call a lookup again, whether or not the name server answers", async () => {
    const server = new NameServer();
    await server.knows("pi2", "10.0.0.2");
    server.addresses.failed("pi2", "10.0.0.2");
    expect(server.asked).toEqual(["pi2", "pi2"]);
    expect(server.addresses.of("pi2", forever), "at once, though the lookup never ends").toBe("10.0.0.2");
  });

  test("keeps its address if the name server no longer knows it", async () => {
    const server = new NameServer();
    await server.knows("pi2", "10.0.0.2");
    server.addresses.failed("pi2", "10.0.0.2");
    await server.fails("pi2", "ENOTFOUND");
    expect(server.addresses.of("pi2", forever)).toBe("10.0.0.2");
  });

  test("is looked up after a failure, and found at its new address", async () => {
    const server = new NameServer();
    await server.knows("pi2", "10.0.0.2");
    server.addresses.worked("pi2", "10.0.0.2");
    server.addresses.failed("pi2", "10.0.0.2");
    await server.answers("pi2", "10.0.0.9");
    expect(server.addresses.of("pi2", forever)).toBe("10.0.0.9");
  });

  test("is looked up when another than the peer answers", async () => {
    const server = new NameServer();
    await server.knows("pi2", "10.0.0.2");
    server.addresses.suspect("pi2");
    await server.answers("pi2", "10.0.0.9");
    expect(server.addresses.of("pi2", forever)).toBe("10.0.0.9");
  });

  test("is looked up every two seconds at most, however often it fails", async () => {
    const server = new NameServer();
    await server.knows("pi2", "10.0.0.2");
    for (let ms = 0; ms < 10_000; ms += 50) {
      server.nowMs += 50;
      server.addresses.failed("pi2", "10.0.0.2");
      await server.answers("pi2", "10.0.0.2");
    }
    expect(server.asked.length).toBe(1 + 5);
  });

  test("with several addresses: one that has worked survives one failure, one that has not is left", async () => {
    const server = new NameServer();
    await server.knows("pi2", "fe80::2", "10.0.0.2");
    server.addresses.failed("pi2", "fe80::2");
    expect(server.addresses.of("pi2", forever)).toBe("10.0.0.2");
    server.addresses.worked("pi2", "10.0.0.2");
    server.addresses.failed("pi2", "10.0.0.2");
    await server.answers("pi2", "fe80::2", "10.0.0.2");
    expect(server.addresses.of("pi2", forever), "the lookup changes nothing").toBe("10.0.0.2");
    server.addresses.failed("pi2", "10.0.0.2");
    expect(server.addresses.of("pi2", forever)).toBe("fe80::2");
  });

  test("ignores a failure of an address that is no longer in use", async () => {
    const server = new NameServer();
    await server.knows("pi2", "10.0.0.2");
    server.addresses.failed("pi2", "10.0.0.7");
    expect(server.asked).toEqual(["pi2"]);
  });
});

describe("a name that was never resolved", () => {
  test("is looked up once for all calls, and each waits at most until its signal ends", async () => {
    const server = new NameServer();
    const ending = new AbortController();
    const ended = server.addresses.of("pi2", ending.signal);
    const waiting = server.addresses.of("pi2", forever);
    ending.abort(new Error("too late"));
    await expect(ended).rejects.toThrow("too late");
    expect(server.asked).toEqual(["pi2"]);
    await server.answers("pi2", "10.0.0.2");
    expect(await waiting).toBe("10.0.0.2");
  });

  test("fails calls at once for two seconds after its lookup failed, with the reason", async () => {
    const server = new NameServer();
    const first = Promise.resolve(server.addresses.of("pi2", forever)).catch(String);
    await server.fails("pi2", "ENOTFOUND");
    expect(await first).toBe("Error: ENOTFOUND");
    await expect(server.addresses.of("pi2", forever)).rejects.toThrow("ENOTFOUND");
    expect(server.asked.length).toBe(1);
    server.nowMs += 2000;
    const again = server.addresses.of("pi2", forever);
    await server.answers("pi2", "10.0.0.2");
    expect(await again).toBe("10.0.0.2");
  });

  test("waits for its turn: three lookups run at once, because each takes a thread", async () => {
    const server = new NameServer();
    const all = ["pi2", "pi3", "pi4", "pi5"].map((name) => server.addresses.of(name, forever));
    expect(server.asked).toEqual(["pi2", "pi3", "pi4"]);
    await server.answers("pi3", "10.0.0.3");
    expect(server.asked).toEqual(["pi2", "pi3", "pi4", "pi5"]);
    await server.answers("pi5", "10.0.0.5");
    expect(await all[3]).toBe("10.0.0.5");
  });

  test("does not wait for two others that hang: of five replicas three continue (O14)", async () => {
    const server = new NameServer();
    const [, , third, fourth] = ["pi2", "pi3", "pi4", "pi5"].map((name) =>
      server.addresses.of(name, forever),
    );
    await server.answers("pi4", "10.0.0.4");
    await server.answers("pi5", "10.0.0.5");
    expect([await third, await fourth]).toEqual(["10.0.0.4", "10.0.0.5"]);
  });
});

test("nothing is looked up after close", async () => {
  const server = new NameServer();
  server.addresses.close();
  await expect(server.addresses.of("pi2", forever)).rejects.toThrow("pi2 has no address");
  expect(server.asked).toEqual([]);
});
