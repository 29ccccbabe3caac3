import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import type { Build } from '../console/build.ts';
import type { BuiltPage } from '../console/page.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Folder of the bundle inside the package, where `bin/eks-whois` finds it. */
export const DIST = 'dist';

/** Options that the bundles of the command line and the functions share, as in `serverless.yml`. */
export const BUNDLED = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  keepNames: true,
  // A package may have two builds. For the build of ES modules, esbuild can leave out the parts that are not used.
  mainFields: ['module', 'main'],
  platform: 'node',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // CommonJS packages require node: modules at run time. An ES module has no require, so this defines one.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

/** The oldest Node.js that the package supports. */
const TARGET = 'node20';

/**
 * Bundles the command line into self-contained JavaScript: a few files in the folder. A command loads only those
 * that it needs. The same sources give the same bytes. Returns esbuild's metafiles of the inputs.
 */
export async function bundleCommandLine(
  { page, metafile: ofPage }: Build,
  folder: string,
): Promise<readonly Metafile[]> {
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({
    ...BUNDLED,
    entryPoints: { entry: 'release/entry.ts' },
    outdir: folder,
    splitting: true,
    target: TARGET,
    plugins: [readyPage(page), withoutLocalService, withoutAjv],
  });
  return [metafile, ofPage];
}

/** Returns a plugin that replaces the build of the console by the finished page. */
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

/**
 * A plugin that leaves out the local service. It runs the functions under serverless-offline on dynalite, which only a
 * checkout has.
 */
const withoutLocalService: Plugin = {
  name: 'without-local-service',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]local[\\/]service[\\/]run\.ts$/ }, () => ({
      contents: `import { LocalError } from './local-error.ts';
export async function runLocal() {
  throw new LocalError('The local service runs only from a checkout. Clone the repository, then run npm install and npm start.');
}`,
      loader: 'ts',
      resolveDir: join(ROOT, 'local/service'),
    }));
  },
};

/**
 * A plugin that leaves out ajv, half of the MCP SDK's size. The SDK uses it only if a server asks a person for input,
 * which ours never does.
 */
const withoutAjv: Plugin = {
  name: 'without-ajv',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
      loader: 'js',
    }));
  },
};
