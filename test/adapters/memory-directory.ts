import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

/** A directory in memory, if there is one: for disk images, where real syncs prove nothing. */
export const memoryDirectory: string = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
