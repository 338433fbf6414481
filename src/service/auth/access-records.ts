import type { Clerk, RegistryView } from "../../kvraft/index.ts";

/** The replicated records of tokens: reads are of this replica's applied state, changes go through the leader. */
export interface AccessRecords extends RegistryView {
  readonly register: Clerk["register"];
}

/** Returns the records of a replica whose changes a clerk sends. */
export function accessRecords(registry: RegistryView, clerk: Pick<Clerk, "register">): AccessRecords {
  return {
    get: (name) => registry.get(name),
    entries: (prefix) => registry.entries(prefix),
    events: () => registry.events(),
    get clockMs() {
      return registry.clockMs;
    },
    changed: (listener) => registry.changed(listener),
    reached: (revision, signal) => registry.reached(revision, signal),
    register: (name, value, options) => clerk.register(name, value, options),
  };
}
