import { clients } from "./clients.ts";
import { election } from "./election.ts";
import type { Mutant } from "./mutant.ts";
import { replication } from "./replication.ts";
import { snapshots } from "./snapshots.ts";
import { storage } from "./storage.ts";

export type { Edit, Mutant } from "./mutant.ts";

/** All of them, in the order of their numbers. */
export const mutants: readonly Mutant[] = [
  ...election,
  ...replication,
  ...snapshots,
  ...storage,
  ...clients,
].sort((a, b) => Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10) || (a.id < b.id ? -1 : 1));
