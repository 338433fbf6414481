/**
 * The little of a file system that storage needs, so that a simulated disk can run the very same code.
 * Paths are absolute or relative to the process, with `/`. Nothing is durable before its sync.
 */
export interface Disk {
  /** Creates the directory and its parents if they are missing. */
  makeDirectory(path: string): Promise<void>;
  /** The names in a directory, in no order. */
  list(path: string): Promise<string[]>;
  /** Opens a file for reading and writing; `create` makes it if it is missing, else a missing one is an error. */
  open(path: string, options: { readonly create: boolean }): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** What a file in a directory may still take, in bytes; infinite if the system does not tell. */
  freeBytes(path: string): Promise<number>;
  /** Makes the creations, renames and unlinks in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /**
   * Takes the lock of a directory for this process; it ends with the process, however that ends.
   *
   * @throws PersisterError `locked`, whose message names who holds it
   */
  lock(path: string): Promise<DirectoryLock>;
}

/** A held lock on a directory. Disposing of it releases the lock. */
export interface DirectoryLock extends AsyncDisposable {
  /** Set if the lock does not hold off everyone it should: a sentence that says whom, and why. */
  readonly weakness?: string;
}

/** An open file. */
export interface DiskFile {
  /** In bytes. */
  size(): Promise<number>;
  /** Up to `length` bytes from `offset`; fewer only at the end of the file. */
  readAt(offset: number, length: number): Promise<Uint8Array>;
  /** Writes all of it, extending the file if needed. */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Makes what was written, and the size needed to read it back, durable. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}
