/** The content of an executable besides Node.js: its asset `contents`, as JSON. */
export interface Contents {
  /** Digest of all names and bytes. It keeps unpacked files of another version from being used for this one. */
  readonly digest: string;
  /** Paths from the package's root. There is an asset with each name. */
  readonly names: readonly string[];
}
