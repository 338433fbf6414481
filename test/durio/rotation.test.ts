import { expect, test } from "vitest";
import { Rotation, type RotationOptions } from "../../src/durio/rotation/index.ts";
import { openSecret, sealSecret } from "../../src/durio/rotation/sealed-secret.ts";
import { silentLogger } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { systemClock } from "../../src/replica/index.ts";
import { eventually } from "./processes.ts";

const voters = ["n1", "n2", "n3"].map(replicaId);
const old = "an old secret of more than thirty-two characters";
const clusterId = "c";
const event = new TextEncoder().encode("{}");

/** A registry that all replicas see at once, and the replicas' secrets. */
class Trial {
  readonly #entries = new Map<string, { name: string; value: Uint8Array; revision: number }>();
  readonly #listeners = new Set<() => void>();
  #revision = 0;
  readonly secrets = new Map<string, string[]>(voters.map((id) => [id, [old]]));
  /** Why a replica can't change its secrets. */
  readonly problems = new Map<string, string>();
  readonly rotations = new Map<string, Rotation>();
  readonly events: string[] = [];
  leader = "n1";
  /** Every set of secrets that the replicas had at one time. */
  readonly history: string[][][] = [];

  start(id: string): Rotation {
    const { secrets, problems } = this;
    const listeners = this.#listeners;
    const options: RotationOptions = {
      ...{ id: replicaId(id), voters, clusterId, clock: systemClock, logger: silentLogger },
      secrets: {
        get secrets() {
          return secrets.get(id) ?? [];
        },
        fixedBecause: undefined,
        change: async (next) => {
          const problem = problems.get(id);
          if (problem !== undefined) throw new Error(problem);
          secrets.set(id, [...next]);
          this.history.push(voters.map((voter) => [...(secrets.get(voter) ?? [])]));
        },
      },
      registry: {
        get: (name) => this.#entries.get(name),
        reached: async () => true,
        changed: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      clerk: {
        register: async (name, value, { expected, event: recorded } = {}) => {
          const revision = this.#entries.get(name)?.revision ?? 0;
          if (expected !== undefined && expected !== revision) return { type: "conflict", revision };
          this.#revision++;
          if (value === undefined) this.#entries.delete(name);
          else this.#entries.set(name, { name, value: bytesOf(value), revision: this.#revision });
          if (recorded !== undefined) this.events.push(new TextDecoder().decode(bytesOf(recorded)));
          for (const listener of listeners) listener();
          return { type: "written", revision: this.#revision };
        },
      },
      newSecret: () => `a new secret of ${id}, and of more than thirty-two characters`,
      isLeader: () => this.leader === id,
    };
    this.rotations.get(id)?.stop();
    const rotation = new Rotation(options);
    this.rotations.set(id, rotation);
    rotation.look();
    return rotation;
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  stop(): void {
    for (const rotation of this.rotations.values()) rotation.stop();
  }
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

function trial(): Trial {
  const started = new Trial();
  for (const id of voters) started.start(id);
  return started;
}

test("all replicas get the new secret and forget the old one, and each can always open what another seals", async () => {
  const all = trial();
  expect(await all.rotations.get("n2")?.begin(event)).toEqual({ type: "begun" });
  await eventually(() => all.names.length === 0);
  const [added] = all.secrets.get("n1") ?? [];
  expect(added).not.toBe(old);
  for (const id of voters) expect(all.secrets.get(id)).toEqual([added]);
  for (const moment of all.history) {
    for (const [sealing] of moment) for (const opening of moment) expect(opening).toContain(sealing);
  }
  expect(all.events.at(-1)).toContain("ended the change of the secret");
  all.stop();
});

test("a second rotation waits for the end of the first", async () => {
  const all = trial();
  all.problems.set("n3", "the disk is full");
  await all.rotations.get("n1")?.begin(event);
  const second = await all.rotations.get("n2")?.begin(event);
  expect(second).toEqual({ type: "refused", problem: "a rotation is in progress already" });
  all.stop();
});

test("a replica that can't write its file is named with the reason, and the rotation goes on once it can", async () => {
  const all = trial();
  all.problems.set("n3", "the disk is full");
  const rotation = all.rotations.get("n1");
  await rotation?.begin(event);
  await eventually(() => rotation?.state()?.waitingFor[0]?.problem !== undefined);
  expect(rotation?.state()).toEqual({
    step: "spread",
    waitingFor: [{ replica: "n3", problem: "the disk is full" }],
  });
  expect(all.secrets.get("n1")?.[0]).toBe(old);
  all.problems.clear();
  await eventually(() => all.names.length === 0);
  expect(all.secrets.get("n3")).toHaveLength(1);
  all.stop();
});

test("a rotation goes on after each replica has started again, and under another leader", async () => {
  const all = trial();
  all.rotations.get("n3")?.stop();
  await all.rotations.get("n1")?.begin(event);
  await eventually(() => all.secrets.get("n2")?.length === 2);
  expect(all.rotations.get("n1")?.state()?.waitingFor).toEqual([{ replica: "n3", problem: undefined }]);
  all.leader = "n2";
  for (const id of voters) all.start(id);
  await eventually(() => all.names.length === 0);
  for (const id of voters) expect(all.secrets.get(id)).toHaveLength(1);
  all.stop();
});

test("the new secret is encrypted under the old one, for this cluster", () => {
  const sealed = sealSecret("the new secret", old, clusterId);
  expect(openSecret(sealed, ["another secret", old], clusterId)).toBe("the new secret");
  expect(openSecret(sealed, ["another secret"], clusterId)).toBeUndefined();
  expect(openSecret(sealed, [old], "another cluster")).toBeUndefined();
  expect(sealed).not.toContain("new");
});
