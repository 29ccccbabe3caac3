/** A file of the page, compressed once and served so: base64. */
export interface PageFile {
  /** Its media type. */
  readonly type: string;
  readonly brotli: string;
  readonly gzip: string;
}

/** The built page. */
export interface BuiltPage {
  /** The document, with a place for the settings (`SETTINGS_PLACE`). */
  readonly document: string;
  /** What it loads, by names that hold a digest of what is in them. */
  readonly files: Readonly<Record<string, PageFile>>;
}

export const SETTINGS_PLACE = '{{settings}}';
/** Where the files lie, from the document on. */
export const FILES_FOLDER = 'console';
