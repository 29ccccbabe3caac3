import { build, type Metafile } from 'esbuild';
import { zipSync } from 'fflate';
import type { Build } from '../console/build.ts';
import { pagePlugin } from '../console/page-plugin.ts';
import { FUNCTIONS } from '../infra/parameters.ts';
import { requiredBuiltins } from '../infra/required-builtins.ts';
import { BUNDLED } from './bundle.ts';

/** A function for Lambda: a zip with `functions/<name>.mjs`. */
export interface FunctionZip {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The functions to zip: those of the hub, then the one that only spokes have. Spokes also have the function that finds
 * clusters.
 */
const ENTRIES = [...FUNCTIONS, 'hand-over'] as const;

/** The earliest time that a zip can contain, so that the same sources give the same bytes. */
export const NO_TIME = new Date('1980-01-01T00:00:00');

/**
 * Bundles the functions with the settings of `serverless.yml`. Returns the zips and esbuild's metafiles of the inputs.
 */
export async function zipFunctions({ page, metafile: ofPage }: Build): Promise<{
  readonly zips: readonly FunctionZip[];
  readonly metafiles: readonly Metafile[];
}> {
  const { outputFiles, metafile } = await build({
    ...BUNDLED,
    entryPoints: ENTRIES.map((name) => `functions/${name}.ts`),
    outdir: 'functions',
    target: 'node24',
    write: false,
    plugins: [pagePlugin(async () => page), requiredBuiltins],
  });
  const zips = ENTRIES.map((name) => {
    const bundle = outputFiles.find(({ path }) => path.endsWith(`/functions/${name}.mjs`));
    if (bundle === undefined) throw new Error(`esbuild made no bundle of functions/${name}.ts`);
    return { name, bytes: zipSync({ [`functions/${name}.mjs`]: bundle.contents }, { level: 9, mtime: NO_TIME }) };
  });
  return { zips, metafiles: [metafile, ofPage] };
}
