import { CLUSTER_UID_BYTES } from "../../../ports/index.ts";
import { assert, assertEqual } from "../../assert.ts";
import {
  assertFails,
  assertMisuse,
  entries,
  fresh,
  opened,
  type PersisterCase,
  pattern,
  reopened,
  saveSnapshot,
} from "./fixture.ts";

const uid = pattern(CLUSTER_UID_BYTES, 1);

export const identity: readonly PersisterCase[] = [
  {
    name: "an unbound storage has no uid",
    async run(fixture) {
      assertEqual((await fresh(fixture)).identity().clusterUid, undefined, "the uid");
    },
  },
  {
    name: "the uid that a storage is bound to is there after a crash, and is no part of the state",
    async run(fixture) {
      const persister = await fresh(fixture);
      await persister.write({ entries: entries(1, 3, 1) });
      await persister.bind(uid);
      await persister.bind(uid.slice());
      assertEqual(persister.identity().clusterUid, uid, "the uid");
      await fixture.crash();
      const { persister: next, state } = await opened(fixture);
      assertEqual(next.identity().clusterUid, uid, "the uid");
      assertEqual(state.entries, entries(1, 3, 1), "the entries");
    },
  },
  {
    name: "a storage is bound once: another uid is refused, and nothing changes",
    async run(fixture) {
      const persister = await fresh(fixture);
      await persister.bind(uid);
      await assertMisuse(persister.bind(pattern(CLUSTER_UID_BYTES, 2)), "clusterUid");
      await assertMisuse(persister.bind(pattern(CLUSTER_UID_BYTES - 1, 1)), "clusterUid");
      assertEqual((await reopened(fixture, persister)).persister.identity().clusterUid, uid, "the uid");
    },
  },
  {
    name: "a snapshot that was committed after the storage was bound is not there without the uid",
    async run(fixture) {
      const persister = await fresh(fixture);
      const bound = persister.bind(uid);
      await saveSnapshot(persister, 5, 2, pattern(100, 3));
      await fixture.crash();
      await bound;
      assertEqual((await fresh(fixture)).identity().clusterUid, uid, "the uid");
    },
  },
  {
    name: "each start of a storage that counts them is one more, after a crash as well",
    async run(fixture) {
      const first = await fresh(fixture);
      const { use } = first.identity();
      if (use === undefined) return;
      assertEqual(use.starts, 1, "the first start");
      assert(use.storage >= 1 && use.storage < 2 ** 32, `a storage's number, not ${use.storage}`);
      await fixture.crash();
      const second = await fresh(fixture);
      assertEqual(second.identity().use, { ...use, starts: 2 }, "the second start");
      const { persister: third } = await reopened(fixture, second);
      assertEqual(third.identity().use, { ...use, starts: 3 }, "the third start");
    },
  },
  {
    name: "a storage that gave way to a copy is not loaded again, and the error says why",
    async run(fixture) {
      const persister = await fresh(fixture);
      const { use } = persister.identity();
      if (use === undefined) return;
      assert(persister.retire !== undefined, "a storage that counts its starts can be retired");
      await persister.retire("n2 knows a newer copy.", { ...use, starts: 9, boot: 1 });
      await fixture.crash();
      for (const _start of [1, 2]) {
        const error = await assertFails(fixture.open().load(), "outdated");
        assert(error.message.includes("n2 knows a newer copy."), `the reason, not ${error.message}`);
      }
    },
  },
];
