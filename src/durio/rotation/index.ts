export {
  type ChangeableSecrets,
  Rotation,
  type RotationOptions,
  type RotationStart,
  type RotationState,
} from "./rotation.ts";
