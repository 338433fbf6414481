export { type MemoryPersisterOptions, memoryPersister } from "./memory-persister.ts";
export { MemoryStorage } from "./memory-storage.ts";
