import { clients } from "./clients.ts";
import { configurations } from "./configurations.ts";
import { copies } from "./copies.ts";
import { durability } from "./durability.ts";
import { elections } from "./elections.ts";
import { messages } from "./messages.ts";
import { type Mutant, numberOf } from "./mutant.ts";
import { parts } from "./parts.ts";
import { reads } from "./reads.ts";
import { replication } from "./replication.ts";
import { seals } from "./seals.ts";
import { snapshots } from "./snapshots.ts";
import { stateMachine } from "./state-machine.ts";
import { storage } from "./storage.ts";
import { storeParts } from "./store-parts.ts";
import { votes } from "./votes.ts";

export { killingSeeds, pinKillingSeeds } from "./killing-seeds.ts";
export { type Edit, type Mutant, needsAssertion, numberOf } from "./mutant.ts";

/** All of them, in the order of their ids. */
export const mutants: readonly Mutant[] = [
  ...votes,
  ...elections,
  ...replication,
  ...durability,
  ...snapshots,
  ...stateMachine,
  ...storage,
  ...reads,
  ...clients,
  ...messages,
  ...copies,
  ...seals,
  ...parts,
  ...configurations,
  ...storeParts,
].sort((a, b) => numberOf(a) - numberOf(b) || (a.id < b.id ? -1 : 1));
