export { type Backup, backupOf } from "./backup.ts";
export { type CopiedStart, CopySupervisor, type Supervisor } from "./supervisor.ts";
export { Uses } from "./uses.ts";
