import type { Address } from "./config/index.ts";

/** An address that can't be listened on. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
  readonly code: unknown;
  readonly address: Address;

  constructor(address: Address, cause: unknown) {
    super(`can't listen on ${address.hostname}:${address.port}`, { cause });
    this.address = address;
    this.code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  }
}
