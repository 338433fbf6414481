/**
 * The part of a file system that storage needs. A simulated disk implements it too, and runs the same storage code.
 * Paths are absolute or relative to the process's working directory, with `/`. Nothing is durable before its sync.
 */
export interface Disk {
  /** Creates the directory and its parents if they are missing. */
  makeDirectory(path: string): Promise<void>;
  /** Returns the names in a directory, in any order. */
  list(path: string): Promise<string[]>;
  /** Opens a file for reading and writing. If it is missing, `create` creates it; otherwise that is an error. */
  open(path: string, options: { readonly create: boolean }): Promise<DiskFile>;
  /** Renames a file; replaces one that has the new name. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  unlink(path: string): Promise<void>;
  /** Returns the free space for files of a directory, in bytes; infinite if the system does not report it. */
  freeBytes(path: string): Promise<number>;
  /** Makes the creations, renames and unlinks in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /**
   * Locks a directory for this process. The lock ends with the process, even if that is killed.
   *
   * @throws PersisterError `locked`, with the holder in its message
   */
  lock(path: string): Promise<DirectoryLock>;
}

/** A held lock on a directory. Disposing of it releases the lock. */
export interface DirectoryLock extends AsyncDisposable {
  /** Set if the lock does not exclude every other process: a sentence that says which, and why. */
  readonly weakness?: string;
}

/** An open file. */
export interface DiskFile {
  /** In bytes. */
  size(): Promise<number>;
  /** Reads up to `length` bytes from `offset`; fewer only at the end of the file. */
  readAt(offset: number, length: number): Promise<Uint8Array>;
  /** Writes all bytes. Extends the file if needed. */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  /**
   * Writes all bytes like `writeAt`, and makes them and the size that is needed to read them durable. The disk may
   * block the process while its syncs are quick. After an error any part of the bytes may be stored.
   */
  writeDurably(offset: number, bytes: Uint8Array): Promise<void>;
  /** Cuts the file off after `size` bytes. */
  truncate(size: number): Promise<void>;
  /** Makes all writes durable, and the file size that is needed to read them. */
  datasync(): Promise<void>;
  /** Releases the file. What was not synced may be lost with the power. */
  close(): Promise<void>;
}
