/**
 * A persister in a directory of files, for Bun, Node and Deno.
 *
 * @module
 */
export { type FilePersisterOptions, filePersister } from "./file-persister.ts";
export { nodeDisk } from "./node-disk.ts";
