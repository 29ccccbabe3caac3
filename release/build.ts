import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleCommandLine, DIST, ROOT } from './bundle.ts';
import { bundledPackages, licencesText } from './licences.ts';

/** What `npm pack` takes: the bundled command line, and the licences of what is in it. */
const metafiles = await bundleCommandLine();
await writeFile(join(DIST, 'LICENSES.txt'), licencesText(await bundledPackages(ROOT, metafiles)));
