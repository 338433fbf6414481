export { createDirectory } from "./create-directory.ts";
export { notWritable } from "./not-writable.ts";
