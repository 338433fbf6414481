import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connectionTo, send } from "./connection.ts";
import { NotDone } from "./not-done.ts";
import type { ClientFlags } from "./token-command.ts";

const path = "/v1/secret/rotation";
const lookMs = 200;
/** Time in ms without progress after which the command ends. The change goes on. */
const patienceMs = 30_000;

interface RotationInfo {
  readonly step: string;
  readonly waitingFor: readonly { readonly replica: string; readonly problem: string | null }[];
}

const stepTexts: Readonly<Record<string, string>> = {
  spread: "every replica gets the new secret",
  sign: "every replica seals with the new secret",
  drop: "every replica forgets the old secret",
};

/** Gives all replicas another secret, and waits until they have it. */
export async function rotateSecret({ url, json }: ClientFlags): Promise<void> {
  const connection = await connectionTo(url);
  await send(connection, { method: "POST", path });
  await untilDone(connection, (line) => json || console.error(line));
  if (json) console.log(JSON.stringify({ rotation: null }));
  else console.error("every replica has the new secret in its file, and the old one opens nothing any more");
}

/** Prints the change of the secret that is in progress. */
export async function showRotation({ url, json }: ClientFlags): Promise<void> {
  const rotation = await look(await connectionTo(url));
  if (json) return console.log(JSON.stringify({ rotation: rotation ?? null }));
  if (rotation === undefined) return console.log("no change of the secret is in progress");
  for (const line of linesOf(rotation)) console.log(line);
}

async function untilDone(connection: Connection, tell: (line: string) => unknown): Promise<void> {
  let told = "";
  let toldMs = performance.now();
  for (;;) {
    const rotation = await look(connection);
    if (rotation === undefined) return;
    const text = linesOf(rotation).join("\n");
    if (text !== told) {
      tell(text);
      told = text;
      toldMs = performance.now();
    } else if (performance.now() - toldMs > patienceMs) {
      throw new NotDone(
        "the change of the secret waits, and goes on later; durio secret status shows for whom",
      );
    }
    await sleep(lookMs);
  }
}

function linesOf({ step, waitingFor }: RotationInfo): string[] {
  const lines = waitingFor.map(
    ({ replica, problem }) => `  waiting for ${replica}${problem === null ? "" : `: ${problem}`}`,
  );
  return [`${step}: ${stepTexts[step] ?? ""}`, ...lines];
}

async function look(connection: Connection): Promise<RotationInfo | undefined> {
  const content = await send(connection, { method: "GET", path });
  const { rotation } = (content ?? {}) as { readonly rotation?: RotationInfo | null };
  return rotation ?? undefined;
}
