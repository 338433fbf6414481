import { assert, assertEqual, assertRejects } from "../../assert.ts";
import { assertFails, happening, n1, n2, n3, type TransportCase, untilReplied } from "./fixture.ts";
import { anyRequest, ask, numbered, service, silence, startServing } from "./services.ts";

export const endings: readonly TransportCase[] = [
  {
    name: "a peer that hangs holds a call until its signal ends it",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const asked = happening();
      await startServing(fixture, n2, () => {
        asked.happens();
        return silence(n1, anyRequest);
      });
      const controller = new AbortController();
      const call = ask(caller, n2, controller.signal);
      await asked.promise;
      controller.abort();
      await assertFails(call, "timeout");
    },
  },
  {
    name: "a deadline ends a call",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await startServing(fixture, n2, silence);
      await assertFails(ask(caller, n2, AbortSignal.timeout(20)), "timeout");
    },
  },
  {
    name: "a signal that has ended already ends the call unsent",
    async run(fixture) {
      const caller = await fixture.start(n1);
      let asked = 0;
      await startServing(fixture, n2, async () => numbered(++asked));
      await assertFails(ask(caller, n2, AbortSignal.abort()), "timeout");
      assertEqual(await ask(caller, n2), numbered(1), "the first that was sent");
    },
  },
  {
    name: "a signal ends its own call and no other",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const release = happening();
      let asked = 0;
      const both = happening();
      await startServing(fixture, n2, async () => {
        asked++;
        if (asked === 2) both.happens();
        await release.promise;
        return numbered(1);
      });
      const controller = new AbortController();
      const ended = ask(caller, n2, controller.signal);
      const kept = ask(caller, n2);
      await both.promise;
      controller.abort();
      await assertFails(ended, "timeout");
      release.happens();
      assertEqual(await kept, numbered(1), "the other's reply");
    },
  },
  {
    name: "a reply that comes after its call was ended goes to nobody",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const asked = happening();
      const release = happening();
      let calls = 0;
      await startServing(fixture, n2, async () => {
        const reply = numbered(++calls);
        if (calls === 1) {
          asked.happens();
          await release.promise;
        }
        return reply;
      });
      const controller = new AbortController();
      const late = ask(caller, n2, controller.signal);
      await asked.promise;
      controller.abort();
      await assertFails(late, "timeout");
      release.happens();
      assertEqual(await ask(caller, n2), numbered(2), "the next call's reply");
    },
  },
  {
    name: "a peer that restarts answers again",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await startServing(fixture, n2, async () => numbered(1));
      await ask(caller, n2);
      await fixture.stop(n2);
      await assertFails(ask(caller, n2), "unreachable");
      await startServing(fixture, n2, async () => numbered(2));
      assertEqual(await untilReplied(() => ask(caller, n2)), numbered(2), "the reply");
    },
  },
  {
    name: "a peer that goes away with a call in its hands leaves the caller as it was",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const asked = happening();
      await startServing(fixture, n2, () => {
        asked.happens();
        return silence(n1, anyRequest);
      });
      await startServing(fixture, n3, async () => numbered(3));
      const controller = new AbortController();
      const call = assertFails(ask(caller, n2, controller.signal), "unreachable", "timeout");
      await asked.promise;
      await fixture.stop(n2);
      controller.abort();
      await call;
      assertEqual(await ask(caller, n3), numbered(3), "another peer's reply");
    },
  },
  {
    name: "dispose ends every call in flight, and each later one, with unreachable",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const asked = happening();
      await startServing(fixture, n2, () => {
        asked.happens();
        return silence(n1, anyRequest);
      });
      const calls = [1, 2, 3].map(() => assertFails(ask(caller, n2), "unreachable"));
      await asked.promise;
      await caller[Symbol.asyncDispose]();
      await Promise.all(calls);
      await assertFails(ask(caller, n2), "unreachable");
    },
  },
  {
    name: "dispose may be called again, and at the same time",
    async run(fixture) {
      const transport = await startServing(fixture, n1, async () => numbered(1));
      await Promise.all([transport[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
      await transport[Symbol.asyncDispose]();
    },
  },
  {
    name: "what was disposed serves no more",
    async run(fixture) {
      const caller = await fixture.start(n1);
      let asked = 0;
      const handler = async () => numbered(++asked);
      const peer = await fixture.start(n2);
      await peer.serve(service, handler);
      await peer[Symbol.asyncDispose]();
      await assertFails(ask(caller, n2), "unreachable", "refused");
      await assertRejects(peer.serve(service, handler), "to serve after dispose");
      assert(asked === 0, "no handler is asked after dispose");
    },
  },
  {
    name: "nothing is left open once every replica was stopped, in any state",
    async run(fixture) {
      const asked = happening();
      const first = await startServing(fixture, n1, async () => numbered(1));
      const second = await startServing(fixture, n2, async () => numbered(2));
      await startServing(fixture, n3, () => {
        asked.happens();
        return silence(n1, anyRequest);
      });
      await ask(first, n2);
      await ask(second, n1);
      const hanging = assertFails(ask(first, n3), "unreachable");
      await asked.promise;
      for (const id of [n1, n2, n3]) await fixture.stop(id);
      await hanging;
      await fixture.assertNothingOpen();
    },
  },
];
