/** A file of the page, compressed at build time; `brotli` and `gzip` are base64. */
export interface PageFile {
  /** The media type. */
  readonly type: string;
  readonly brotli: string;
  readonly gzip: string;
}

/** The document of the console and the files that it loads. */
export interface BuiltPage {
  /** The HTML, in which `SETTINGS_PLACE` stands for the settings. */
  readonly document: string;
  /** The files by name. Each name has a digest of the content, so that browsers can cache the file for ever. */
  readonly files: Readonly<Record<string, PageFile>>;
}

/** The placeholder that `servePage` replaces with the settings. */
export const SETTINGS_PLACE = '{{settings}}';
/** The path of the files, relative to the document. */
export const FILES_FOLDER = 'console';
