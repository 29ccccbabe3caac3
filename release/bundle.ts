import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import type { Build } from '../console/build.ts';
import type { BuiltPage } from '../console/page.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where the package has its bundle; `bin/eks-whois` looks for it there. */
export const DIST = join(ROOT, 'dist');

/** What the bundles of the command line and of the functions have in common, as `serverless.yml` has it. */
export const BUNDLED = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  keepNames: true,
  // Of a package's two builds the one of ES modules, of which only what is used gets in.
  mainFields: ['module', 'main'],
  platform: 'node',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // Packages that are CommonJS require node: modules at run time, which an ES module cannot.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

/** The oldest Node.js that the package runs on. */
const TARGET = 'node20';

/**
 * Bundles the command line to JavaScript that needs nothing beside it: a few files in `dist/`, of which a command loads what
 * it needs. The same sources give the same bytes. Answers with what it was made of.
 */
export async function bundleCommandLine({ page, metafile: ofPage }: Build): Promise<readonly Metafile[]> {
  await rm(DIST, { recursive: true, force: true });
  const { metafile } = await build({
    ...BUNDLED,
    entryPoints: { entry: 'release/entry.ts' },
    outdir: DIST,
    splitting: true,
    target: TARGET,
    plugins: [readyPage(page), withoutLocalService, withoutAjv],
  });
  return [metafile, ofPage];
}

/** The console as it is built now, in the place of what builds it. */
function readyPage(page: BuiltPage): Plugin {
  return {
    name: 'ready-page',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]console[\\/]build\.ts$/ }, () => ({
        contents: `const PAGE = ${JSON.stringify(page)};\nexport const buildPage = async () => PAGE;`,
        loader: 'js',
      }));
    },
  };
}

/** The service on this machine runs the functions under serverless-offline, on dynalite: only a checkout has these. */
const withoutLocalService: Plugin = {
  name: 'without-local-service',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]local[\\/]service[\\/]run\.ts$/ }, () => ({
      contents: `import { LocalError } from './local-error.ts';
export async function runLocal() {
  throw new LocalError('The service on this machine runs from a checkout alone: clone the repository, npm install, npm start.');
}`,
      loader: 'ts',
      resolveDir: join(ROOT, 'local/service'),
    }));
  },
};

/** The MCP SDK validates with ajv what a server asks of a person, which ours never does: half of what the SDK would add. */
const withoutAjv: Plugin = {
  name: 'without-ajv',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
      loader: 'js',
    }));
  },
};
