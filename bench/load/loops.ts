import type { OnAnswer } from "./connection.ts";
import type { Request } from "./requests.ts";
import { dueMs, nowMs, type Schedule } from "./schedule.ts";
import type { Tally } from "./tally.ts";

/** Sends a request and calls back with its answer. */
export interface Sender {
  readonly exchange: (request: Buffer, onAnswer: OnAnswer) => void;
}

/** The connection of one client, and its requests: undefined if there are no more. */
export interface Client {
  readonly connection: Sender;
  readonly next: () => Request | undefined;
}

/** Each client sends its next request as soon as the last one is answered, until the time is over. */
export async function closedLoop(clients: readonly Client[], tally: Tally): Promise<void> {
  const ends = clients.map(
    ({ connection, next }) =>
      new Promise<void>((resolve) => {
        const step = () => {
          const request = tally.isOver ? undefined : next();
          if (request === undefined) return resolve();
          const sentMs = nowMs();
          connection.exchange(request.bytes, (status, body) => {
            tally.answered(sentMs, request.check(status, body));
            step();
          });
        };
        step();
      }),
  );
  await Promise.all(ends);
}

/**
 * Requests become due at fixed times, independent of earlier ones, and wait for a free client. That wait counts:
 * otherwise a system would get fewer requests just when it stalls.
 */
export function openLoop(clients: readonly Client[], schedule: Schedule, tally: Tally): Promise<void> {
  const free = [...clients];
  let due = 0;
  let sent = 0;
  let answered = 0;
  return new Promise((resolve, reject) => {
    const sendDue = () => {
      while (sent < due) {
        const client = free.shift();
        if (client === undefined) return;
        send(client, dueMs(schedule, sent++));
      }
    };
    const send = (client: Client, sinceMs: number) => {
      const request = client.next();
      if (request === undefined) return resolve();
      client.connection.exchange(request.bytes, (status, body) => {
        tally.answered(sinceMs, request.check(status, body));
        free.push(client);
        if (++answered === schedule.total) resolve();
        else sendDue();
      });
    };
    const pacer = new Worker(new URL("./pacer.ts", import.meta.url));
    pacer.onerror = ({ message }) => reject(new Error(message));
    pacer.onmessage = () => {
      due++;
      sendDue();
    };
    pacer.postMessage(schedule);
  });
}
