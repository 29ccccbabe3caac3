import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';
import * as monthly from '../lib/cost/monthly.ts';
import { type BuiltPage, FILES_FOLDER, type PageFile } from './page.ts';

/**
 * The maximum number of bytes, gzipped, of all scripts of the page. Styles and the document do not count. A test checks
 * this.
 */
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

/** Gives the page only the numbers of `lib/cost/monthly.ts`, without the prices and counts behind them. */
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
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
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
  const files = Object.fromEntries(
    outputFiles.map(({ path, text }) => [
      basename(path),
      pack(path.endsWith('.css') ? 'text/css' : 'text/javascript', text),
    ]),
  );
  const entries = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint !== undefined);
  const [script, styles] = ['main.tsx', 'styles.css'].map((name) => {
    const [path = '', output] = entries.find(([, { entryPoint }]) => entryPoint?.endsWith(`/${name}`)) ?? [];
    return { name: basename(path), imports: output?.imports ?? [] };
  });
  // The script's own imports are fetched beside it. The files of some views are fetched when somebody opens the view.
  const chunks = (script?.imports ?? [])
    .filter(({ kind }) => kind === 'import-statement')
    .map(({ path }) => basename(path));
  const template = await readFile(`${FOLDER}/index.html`, 'utf8');
  const document = template
    .replace('{{styles}}', `${FILES_FOLDER}/${styles?.name}`)
    .replace('{{preloads}}', chunks.map((name) => `<link rel="modulepreload" href="${FILES_FOLDER}/${name}">`).join(''))
    .replace('{{script}}', `${FILES_FOLDER}/${script?.name}`);
  return { page: { document, files }, metafile };
}

function pack(type: string, text: string): PageFile {
  const bytes = Buffer.from(text);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return {
    type: `${type}; charset=utf-8`,
    brotli: brotli.toString('base64'),
    gzip: gzipSync(bytes, { level: 9 }).toString('base64'),
  };
}

/** Returns the size of a file of the page in bytes, gzipped. */
export function gzippedSize({ gzip }: PageFile): number {
  return Buffer.byteLength(gzip, 'base64');
}
