import { expect, test } from "vitest";
import { CallQueue } from "../../../adapters/shared/index.ts";

test("a call starts when the previous one has succeeded or failed", async () => {
  const calls = new CallQueue();
  const seen: string[] = [];
  const first = calls.run(async () => {
    await Promise.resolve();
    seen.push("first");
    throw new RangeError("refused");
  });
  const second = calls.run(() => seen.push("second"));
  await expect(first).rejects.toThrow("refused");
  await second;
  expect(seen).toEqual(["first", "second"]);
});

test("an error that is final is the error of every later call", async () => {
  const calls = new CallQueue();
  const cause = new Error("EIO");
  const failing = calls.run(() => calls.orFail("write", () => Promise.reject(cause)));
  await expect(failing).rejects.toMatchObject({ name: "PersisterError", reason: "failed", cause });
  const first = await failing.catch((error: unknown) => error);
  await expect(calls.run(() => "done")).rejects.toBe(first);
  await expect(calls.orFail("write", () => Promise.reject(new Error("ENOSPC")))).rejects.toBe(first);
});

test.each([
  ["EIO", "check the device"],
  ["ENOTDIR", "choose another directory"],
  ["EROFS", "permission denied"],
])("the advice after %s is: %s", async (code, advice) => {
  const error = Object.assign(new Error("open failed"), { code });
  const failing = new CallQueue().orFail("open /data", () => Promise.reject(error));
  await expect(failing).rejects.toThrow(`could not open /data: open failed; `);
  await expect(failing).rejects.toThrow(advice);
});

test("closing waits for the calls in flight, resolves to whether all succeeded, and refuses new calls", async () => {
  const calls = new CallQueue();
  const seen: unknown[] = [];
  const inFlight = calls.run(() => seen.push("call"));
  const closed = calls.close(async (healthy) => void seen.push(healthy));
  await expect(calls.run(() => seen.push("late"))).rejects.toMatchObject({ reason: "closed" });
  await Promise.all([inFlight, closed, calls.close(async () => void seen.push("again"))]);
  expect(seen).toEqual(["call", true]);
});

test("closing after a failure reports it", async () => {
  const calls = new CallQueue();
  await calls.orFail("write", () => Promise.reject(new Error("EIO"))).catch(() => {});
  let healthy: boolean | undefined;
  await calls.close(async (told) => {
    healthy = told;
  });
  expect(healthy).toBe(false);
});

test("every close ends as the first one does", async () => {
  const calls = new CallQueue();
  await expect(calls.close(() => Promise.reject(new Error("EIO")))).rejects.toThrow("EIO");
  await expect(calls.close(async () => {})).rejects.toThrow("EIO");
});
