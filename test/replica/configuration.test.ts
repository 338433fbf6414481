import { describe, expect, test } from "vitest";
import { decodeConfiguration, encodeConfiguration, replicaId } from "../../src/raft/index.ts";
import { configurationMismatch } from "../../src/replica/configuration-mismatch.ts";
import { Group } from "./group.ts";

const [n1, n2, n3] = [replicaId("n1"), replicaId("n2"), replicaId("n3")];

describe("the configuration of a cluster", () => {
  test("is the first entry of its log, with all voters and the cluster's uid", async () => {
    await using group = await Group.start(3);
    const { raft } = await group.electLeader();
    const { configuration } = raft.status();
    expect(configuration?.index).toBe(1);
    const { voters, clusterUid } = decodeConfiguration(configuration?.data ?? new Uint8Array());
    expect(voters).toEqual([n1, n2, n3]);
    expect(clusterUid).toHaveLength(16);
    expect(raft.status().entries(1, 1)).toMatchObject([{ type: "configuration", term: 1 }]);
  });

  test("is in the snapshots of a replica, and outlives its log and its restart", async () => {
    await using group = await Group.start(1, { tuning: { retainedLogBytes: 0 } });
    const { raft } = await group.electLeader();
    const { configuration } = raft.status();
    await group.clock.settled(raft.requestSnapshot());
    expect(raft.status()).toMatchObject({ firstLogIndex: 2, snapshot: { configuration } });
    await group.kill(n1);
    const restarted = await group.startMember(n1);
    expect(restarted.raft.status().configuration).toEqual(configuration);
  });

  test("keeps a replica with other voters from starting, in any order of the voters", async () => {
    await using group = await Group.start(2);
    await group.electLeader();
    await group.clock.until(() => group.followers.every(({ raft }) => raft.status().durableIndex > 0));
    await group.kill(n1);
    await expect(group.startMember(n1, group.storage(n1), [n1, n2, n3])).rejects.toMatchObject({
      reason: "mismatch",
      message: expect.stringContaining(
        "the log of n1 belongs to a cluster of the voters n1 n2, not of n1 n2 n3",
      ),
    });
    await group.startMember(n1, group.storage(n1), [n2, n1]);
  });

  test("stops a replica with other voters before it acknowledges anything", async () => {
    await using group = await Group.start(3);
    await group.kill(n3);
    // Established, so that it answers replicas with empty storage.
    group.storage(n3).hardState = { currentTerm: 1, votedFor: undefined, countedPeers: [] };
    await group.startMember(n3, group.storage(n3), [n1, n3]);
    // One of n1 and n3 is elected, and the other gets its log.
    const [first, third] = [group.members.get(n1), group.members.get(n3)];
    const failure = await group.clock.settled(Promise.race([first?.raft.stopped, third?.raft.stopped]));
    expect(failure).toBeInstanceOf(RangeError);
    expect(failure?.message).toMatch(/^voters: the log of n[13] belongs to a cluster of the voters/);
    const stopped = failure?.message.includes("log of n1") ? n1 : n3;
    expect(group.storage(stopped).log.entries).toEqual([]);
    expect(group.leader?.raft.status().commitIndex).toBe(0);
  });

  test("of a later version stops a replica with a sentence", () => {
    const data = new TextEncoder().encode('{"format":2}');
    expect(configurationMismatch({ id: n1, voters: [n1] }, { index: 7, data })).toBe(
      "entry 7 of the log of n1 can't be used: the configuration has format 2, and this version reads only format 1: " +
        "use the version of the cluster",
    );
    expect(configurationMismatch({ id: n1, voters: [n1] }, undefined)).toBeUndefined();
  });

  test("does not change with the order in which the voters are given", () => {
    const data = encodeConfiguration({ clusterUid: undefined, voters: [n2, n1] });
    expect(configurationMismatch({ id: n1, voters: [n1, n2] }, { index: 1, data })).toBeUndefined();
  });
});
