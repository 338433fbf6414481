export { type ChangeableSecrets, Rotation, type RotationOptions } from "./rotation.ts";
