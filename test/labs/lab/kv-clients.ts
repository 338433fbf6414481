import { expect } from "vitest";
import type { KvLab } from "./kv-lab.ts";

/** Longest pause of a client between two operations, in ms. */
const THINKING_MS = Number(process.env.LAB_THINKING_MS ?? 200);

export interface ClientOptions {
  readonly number: number;
  /** Number of clients, and of keys if the clients share them. */
  readonly clients: number;
  /** Whether each operation is on any key. Otherwise each client has its own key. */
  readonly randomKeys: boolean;
  readonly isOver: () => boolean;
}

/** A client that appends and reads, and also puts if keys are shared, until the end. */
export async function runClient(lab: KvLab, options: ClientOptions): Promise<void> {
  if (options.randomKeys) await onAnyKey(lab, options);
  else await onOwnKey(lab, options);
}

/** It alone writes to its key, so it knows the right value. */
async function onOwnKey(lab: KvLab, { number, isOver }: ClientOptions): Promise<void> {
  const key = String(number);
  let last = lab.value("put");
  await lab.put(number, key, last);
  while (!isOver()) {
    if (lab.random.chance(500)) {
      const value = lab.value("append");
      await lab.append(number, key, value);
      last += value;
    } else {
      expect(await lab.get(number, key)).toBe(last);
    }
    await think(lab);
  }
  expect(await lab.get(number, key)).toBe(last);
}

async function onAnyKey(lab: KvLab, { number, clients, isOver }: ClientOptions): Promise<void> {
  while (!isOver()) {
    const key = String(lab.random.below(clients));
    if (lab.random.chance(500)) await lab.append(number, key, lab.value("append"));
    else if (lab.random.chance(100)) await lab.put(number, key, lab.value("put"));
    else await lab.get(number, key);
    await think(lab);
  }
}

function think(lab: KvLab): Promise<void> {
  return lab.time.sleep(lab.random.below(THINKING_MS + 1));
}
