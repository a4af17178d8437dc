/** What a finished file is known by. */
export interface Sealed {
  bytes: number
  /** xxh3-128 of the content. */
  digest: string
}

/** The disk as the flows see it. `native/` provides it, so that every write, sync and rename goes through one seam. */
export interface Io {
  /** Writes a small file whole: temporary name, sync, rename, sync of the folder. */
  commitFile(path: string, content: Buffer): Promise<Sealed>
  /** Appends to a file, or begins it. For logs: until `syncFile`, what was appended may be lost in a power cut, or torn. */
  appendFile(path: string, content: Buffer): Promise<void>
  /** Makes what was appended to a file last. */
  syncFile(path: string): Promise<void>
  readFile(path: string): Promise<Buffer>
  /** Whether a file has the length and the digest that it was finished with; it may be gone. */
  isWhole(path: string, sealed: Sealed): Promise<boolean>
  /** Names of the entries, sorted by bytes; empty where there is no such folder. */
  listFolder(path: string): Promise<string[]>
  createFolder(path: string): Promise<void>
  /** Gives a finished file another name, in place of nothing. */
  renameFile(from: string, to: string): Promise<void>
  /** Gives a finished file a second name, or a copy where the file system has none; what stands there already stays. */
  linkFile(from: string, to: string): Promise<void>
  removeFile(path: string): Promise<void>
  removeFolder(path: string): Promise<void>
}
