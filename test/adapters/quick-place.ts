import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

/** Where files are kept in memory, if there is such a place: for images of disks, whose own syncs prove nothing. */
export const quickPlace: string = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
