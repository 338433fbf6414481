import { type Caller, encodeEvent, type GuardedHandler } from "./auth/index.ts";
import { clientAddress } from "./client-address.ts";
import { problem } from "./problems.ts";

/** How far the change of the cluster's secret is. */
export interface RotationState {
  /** `spread`: every replica gets the new secret; `sign`: seals with it; `drop`: forgets the old ones. */
  readonly step: "spread" | "sign" | "drop";
  /** The replicas that have not done the step, each with the reason why it can't, if it can't. */
  readonly waitingFor: readonly { readonly replica: string; readonly problem: string | undefined }[];
}

/** The answer to a request for another secret. `problem` says why the change can't begin, as a sentence. */
export type RotationStart =
  | { readonly type: "begun" }
  | { readonly type: "refused"; readonly problem: string }
  /** It may begin, or may have begun. */
  | { readonly type: "unavailable" };

/** Changes the secret of the cluster. */
export interface SecretRotation {
  /** The change in progress; undefined if there is none. */
  state(): RotationState | undefined;
  /** Begins a change. @param event recorded with it */
  begin(event: Uint8Array): Promise<RotationStart>;
}

/** The path of the change of the secret. */
export const rotationPath = "/v1/secret/rotation";

/** Shows the change in progress, or null. */
export function showRotation(rotation: SecretRotation): GuardedHandler {
  return (c) => c.json(shown(rotation));
}

/** Begins a change of the secret. */
export function beginRotation(rotation: SecretRotation, wallTime: () => string): GuardedHandler {
  return async (c, caller: Caller) => {
    const from = clientAddress(c) ?? null;
    const what = "began a change of the cluster's secret";
    const begun = await rotation.begin(encodeEvent({ at: wallTime(), who: caller.name, from, what }));
    switch (begun.type) {
      case "begun":
        return c.json(shown(rotation), 202);
      case "refused":
        return problem("rotationRefused", begun.problem);
      case "unavailable":
        return problem("uncertain", "no answer of the leader: durio secret status shows whether it began");
    }
  };
}

function shown(rotation: SecretRotation): object {
  const state = rotation.state();
  if (state === undefined) return { rotation: null };
  const waitingFor = state.waitingFor.map(({ replica, problem = null }) => ({ replica, problem }));
  return { rotation: { step: state.step, waitingFor } };
}
