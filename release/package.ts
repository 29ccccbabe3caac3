import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Build } from '../console/build.ts';
import { parameterFileSchema } from '../infra/parameter-file/schema.ts';
import { bundleCommandLine, DIST, ROOT } from './bundle.ts';
import { bundledPackages, licencesText } from './licences.ts';

/** The schema of `eks-whois.yaml`. Editors look for it next to that file. */
export const SCHEMA = join(ROOT, 'eks-whois.schema.json');

/**
 * Builds the content of `npm pack`: the bundled command line, the licenses of its parts, and the schema. Returns
 * esbuild's metafiles of the inputs.
 */
export async function buildPackage(page: Build): Promise<readonly Metafile[]> {
  const metafiles = await bundleCommandLine(page);
  await writeFile(join(DIST, 'LICENSES.txt'), licencesText(await bundledPackages(ROOT, metafiles)));
  await writeFile(SCHEMA, `${JSON.stringify(parameterFileSchema(), undefined, 2)}\n`);
  return metafiles;
}
