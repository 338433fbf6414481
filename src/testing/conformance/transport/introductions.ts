import type { Introduction, Introductions } from "../../../ports/index.ts";
import type { ReplicaId } from "../../../raft/index.ts";
import { assert, assertEqual } from "../../assert.ts";
import { assertFails, n1, n2, type TransportCase } from "./fixture.ts";
import { ask, numbered, service } from "./services.ts";

const uid = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
const use = { storage: 2 ** 32 - 1, starts: 3, boot: 0 };
const receiver = { storage: 1, starts: 2 ** 32 - 1, boot: 2 ** 32 - 1 };

/** Says one thing to every peer, and remembers what peers say. */
class Recorder implements Introductions {
  readonly received: [ReplicaId, Introduction | undefined][] = [];
  own: Introduction;
  refuses: string | undefined;

  constructor(own: Introduction) {
    this.own = own;
  }

  to(): Introduction {
    return this.own;
  }

  refusal(from: ReplicaId, introduction: Introduction | undefined): string | undefined {
    this.received.push([from, introduction]);
    return this.refuses;
  }
}

export const introductions: readonly TransportCase[] = [
  {
    name: "both sides of a call receive the other's introduction",
    async run(fixture) {
      const [caller, peer] = [await fixture.start(n1), await fixture.start(n2)];
      const asks = new Recorder({ clusterUid: uid, use, receiver });
      const answers = new Recorder({ clusterUid: undefined, use: undefined, receiver: undefined });
      caller.introduce?.(asks);
      peer.introduce?.(answers);
      await peer.serve(service, async () => numbered(1));
      assertEqual(await ask(caller, n2), numbered(1), "the reply");
      assertEqual(answers.received, [[n1, { clusterUid: uid, use, receiver }]], "what the peer received");
      assertEqual(asks.received, [[n2, answers.own]], "what the caller received");
      answers.own = { clusterUid: uid, use: undefined, receiver: undefined };
      await ask(caller, n2);
      assertEqual(asks.received.at(-1), [n2, answers.own], "what the caller received afterwards");
    },
  },
  {
    name: "a call whose sender is not the peer is refused with the reason, and no handler sees it",
    async run(fixture) {
      const [caller, peer] = [await fixture.start(n1), await fixture.start(n2)];
      const answers = new Recorder({ clusterUid: uid, use, receiver: undefined });
      answers.refuses = "a replica of another cluster";
      peer.introduce?.(answers);
      let asked = 0;
      await peer.serve(service, async () => {
        asked++;
        return numbered(1);
      });
      const error = await ask(caller, n2).catch((reason: unknown) => reason);
      assert(String(error).includes("a replica of another cluster"), `the reason, not ${String(error)}`);
      assertEqual(asked, 0, "calls of the handler");
      answers.refuses = undefined;
      assertEqual(await ask(caller, n2), numbered(1), "the next reply");
    },
  },
  {
    name: "a reply or refusal whose sender is not the peer does not count",
    async run(fixture) {
      const [caller, peer] = [await fixture.start(n1), await fixture.start(n2)];
      const asks = new Recorder({ clusterUid: uid, use, receiver: undefined });
      asks.refuses = "a replica of another cluster";
      caller.introduce?.(asks);
      peer.introduce?.(new Recorder({ clusterUid: undefined, use, receiver: undefined }));
      await assertFails(ask(caller, n2), "refused");
      await peer.serve(service, async () => numbered(1));
      await assertFails(ask(caller, n2), "refused");
      assertEqual(asks.received.length, 2, "how often it was judged");
      asks.refuses = undefined;
      assertEqual(await ask(caller, n2), numbered(1), "the next reply");
    },
  },
];
