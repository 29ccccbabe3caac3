import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';
import * as monthly from '../lib/cost/monthly.ts';
import { type BuiltPage, FILES_FOLDER, type PageFile } from './page.ts';

/** The maximum number of bytes, gzipped, that all scripts of the page may have. Styles and the document do not count. A test checks it. */
export const SCRIPT_BUDGET = 110 * 1024;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = `${ROOT}console/page`;

/** The built page, and esbuild's list of the modules in it. */
export interface Build {
  readonly page: BuiltPage;
  readonly metafile: Metafile;
}

/** Builds the page from its sources, in memory. The same sources give the same bytes. */
export async function buildPage(): Promise<BuiltPage> {
  return (await bundlePage()).page;
}

/** Gives the page the numbers of `lib/cost/monthly.ts` without the prices and counts behind them. */
const COSTS_AS_NUMBERS: Plugin = {
  name: 'costs-as-numbers',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]lib[/\\]cost[/\\]monthly\.ts$/ }, () => ({
      contents: Object.entries(monthly)
        .map(([name, dollars]) => `export const ${name} = ${dollars};`)
        .join('\n'),
      loader: 'js',
    }));
  },
};

/** Builds the page as `buildPage` does, and also returns which modules are in it. */
export async function bundlePage(): Promise<Build> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`${FOLDER}/main.tsx`, `${FOLDER}/styles.css`],
    outdir: FOLDER,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    target: ['chrome120', 'firefox121', 'safari17.4'],
    legalComments: 'none',
    drop: ['console'], // advice of libraries for developers
    mangleProps: /^_[a-z]/, // libraries call their private fields so; no answer of the API has such a field
    logLevel: 'silent',
    plugins: [COSTS_AS_NUMBERS],
  });
  const of = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  const script = pack('text/javascript; charset=utf-8', of('.js'));
  const styles = pack('text/css; charset=utf-8', of('.css'));
  const [scriptName, stylesName] = [`main-${digestOf(script)}.js`, `styles-${digestOf(styles)}.css`];
  const template = await readFile(`${FOLDER}/index.html`, 'utf8');
  const document = template
    .replace('{{styles}}', `${FILES_FOLDER}/${stylesName}`)
    .replace('{{script}}', `${FILES_FOLDER}/${scriptName}`);
  return { page: { document, files: { [scriptName]: script, [stylesName]: styles } }, metafile };
}

function pack(type: string, text: string): PageFile {
  const bytes = Buffer.from(text);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return { type, brotli: brotli.toString('base64'), gzip: gzipSync(bytes, { level: 9 }).toString('base64') };
}

/** Returns the size of a file of the page in bytes, gzipped. */
export function gzippedSize({ gzip }: PageFile): number {
  return Buffer.byteLength(gzip, 'base64');
}

function digestOf({ gzip }: PageFile): string {
  return createHash('sha256').update(gzip).digest('hex').slice(0, 16);
}
