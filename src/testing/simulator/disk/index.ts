export { FileContent, SECTOR_BYTES } from "./file-content.ts";
export { Platter } from "./platter.ts";
export { type DiskClass, type DurabilityWatch, SimulatedDisk, type SyncLoss } from "./simulated-disk.ts";
