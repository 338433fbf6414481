export { type FilePersisterOptions, filePersister } from "./file-persister.ts";
export { nodeDisk } from "./node-disk.ts";
