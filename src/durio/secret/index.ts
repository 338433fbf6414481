export { ClusterSecret } from "./cluster-secret.ts";
export { exposedBy, natsAddresses, type ReachedBy, secretNeeded } from "./exposure.ts";
export { printNewSecret } from "./new-secret.ts";
export { type Protection, protectionOf } from "./protection.ts";
export { newSecret } from "./secret-text.ts";
