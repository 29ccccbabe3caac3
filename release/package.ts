import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Build } from '../console/build.ts';
import { bundleCommandLine, DIST, ROOT } from './bundle.ts';
import { bundledPackages, licencesText } from './licences.ts';

/** Makes what `npm pack` takes: the bundled command line, and the licences of what is in it. Answers with what it was made of. */
export async function buildPackage(page: Build): Promise<readonly Metafile[]> {
  const metafiles = await bundleCommandLine(page);
  await writeFile(join(DIST, 'LICENSES.txt'), licencesText(await bundledPackages(ROOT, metafiles)));
  return metafiles;
}
