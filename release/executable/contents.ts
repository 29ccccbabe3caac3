/** What an executable holds beside Node.js: its asset `contents`, as JSON. */
export interface Contents {
  /** Of all names and bytes: what was laid out of another version is not taken for this one. */
  readonly digest: string;
  /** Paths from the package's root, each an asset of that name. */
  readonly names: readonly string[];
}
