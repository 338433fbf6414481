import { expect, test } from "vitest";
import { forgetEnd, whenEnded } from "../../src/replica/signal-end.ts";

/** A signal that counts its listeners. */
function setUp(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: unknown[]) => {
    count++;
    Reflect.apply(add, signal, given);
  };
  signal.removeEventListener = (...given: unknown[]) => {
    count--;
    Reflect.apply(remove, signal, given);
  };
  return { controller, listeners: () => count };
}

test("all waits for a signal end with it, in their order", () => {
  const { controller } = setUp();
  const called: string[] = [];
  for (const name of ["a", "b", "c"]) whenEnded(controller.signal, () => called.push(name));
  controller.abort();
  expect(called).toEqual(["a", "b", "c"]);
});

test("for any number of waits the signal has one listener, and none without a wait", () => {
  const { controller, listeners } = setUp();
  const waits = Array.from({ length: 100 }, () => () => {});
  for (const wait of waits) whenEnded(controller.signal, wait);
  expect(listeners()).toBe(1);
  for (const wait of waits) forgetEnd(controller.signal, wait);
  expect(listeners()).toBe(0);
  whenEnded(controller.signal, () => {});
  expect(listeners()).toBe(1);
});

test("a removed wait is not called, and neither is an unknown one", () => {
  const { controller } = setUp();
  const called: string[] = [];
  const left = (): void => {
    called.push("left");
  };
  whenEnded(controller.signal, left);
  whenEnded(controller.signal, () => called.push("stayed"));
  forgetEnd(controller.signal, left);
  forgetEnd(controller.signal, () => {});
  controller.abort();
  expect(called).toEqual(["stayed"]);
});
