export { ClusterSecret } from "./cluster-secret.ts";
export { exposedBy, type ReachedBy, secretNeeded } from "./exposure.ts";
export { printNewSecret } from "./new-secret.ts";
export { type Protection, protectionOf } from "./protection.ts";
