export { type Backup, backupOf } from "./backup.ts";
export { type CopiedStart, CopyKeeper, type Keeper } from "./keeper.ts";
export { Uses } from "./uses.ts";
