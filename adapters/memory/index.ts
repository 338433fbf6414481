/**
 * A persister in memory, for tests and for replicas that may lose all data.
 *
 * @module
 */
export { type MemoryPersisterOptions, memoryPersister } from "./memory-persister.ts";
export { MemoryStorage } from "./memory-storage.ts";
