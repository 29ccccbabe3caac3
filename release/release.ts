import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { productVersion } from '../cli/own-files.ts';
import { type Build, bundlePage } from '../console/build.ts';
import { DIST, ROOT } from './bundle.ts';
import { changesOf } from './changes.ts';
import { zipFunctions } from './functions.ts';
import { bundledPackages, licencesText } from './licences.ts';
import { buildPackage, SCHEMA } from './package.ts';
import { sbomOf } from './sbom.ts';
import { templatesOf, zipTerraform } from './templates.ts';

/**
 * Writes all files of a release to `artifacts/` or to the named folder. It works offline and writes the same bytes each
 * time.
 */
const [, , named] = process.argv;
const FOLDER = resolve(named ?? join(ROOT, 'artifacts'));
const version = productVersion();

// The content of the folder is deleted. A folder that the user names must contain an earlier release: any other folder
// may be a mistake.
const there = named !== undefined && existsSync(FOLDER) ? await readdir(FOLDER) : [];
if (named?.startsWith('-') || (there.length > 0 && !there.includes('SHA256SUMS'))) {
  process.stderr.write(
    `${named} is not a folder for a release. Name one that is new, empty or has an earlier release.\n`,
  );
  process.exit(2);
}
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const page = await bundlePage();
const { metafiles: ofPackage, schema } = await pack(page, FOLDER);

const { zips, metafiles } = await zipFunctions(page);
for (const { name, bytes } of zips) await writeFile(join(FOLDER, `eks-whois-${version}-${name}.zip`), bytes);

for (const { name, text } of templatesOf(version)) await write(name, text);
await write('deploy.sh', await readFile(join(ROOT, 'release/deploy.sh'), 'utf8'));

await writeFile(join(FOLDER, `eks-whois-${version}-terraform.zip`), await zipTerraform(version));

const packages = await bundledPackages(ROOT, [...metafiles, ...ofPackage]);
await write('licenses.txt', licencesText(packages));
await write('sbom.cdx.json', `${JSON.stringify(sbomOf({ name: 'eks-whois', version }, packages), null, 2)}\n`);
await write('schema.json', schema);
await write('changes.md', changesOf(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'), version));

const names = (await readdir(FOLDER)).sort();
const sums = await Promise.all(names.map(async (name) => `${digest(await readFile(join(FOLDER, name)))}  ${name}\n`));
await writeFile(join(FOLDER, 'SHA256SUMS'), sums.join(''));
process.stdout.write(sums.join(''));

/** Writes the package into the folder. Builds it in a folder of its own, so that two releases can run at once. */
async function pack(page: Build, destination: string) {
  const stage = await mkdtemp(join(tmpdir(), 'eks-whois-package-'));
  try {
    const { files } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { files: readonly string[] };
    const generated = [DIST, SCHEMA]; // absent in a fresh checkout
    for (const name of ['package.json', 'README.md', 'LICENSE', ...files])
      if (!generated.includes(name)) await cp(join(ROOT, name), join(stage, name), { recursive: true });
    const metafiles = await buildPackage(page, stage);
    // buildPackage built what prepack would build.
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination], {
      cwd: stage,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { metafiles, schema: await readFile(join(stage, SCHEMA), 'utf8') };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(FOLDER, `eks-whois-${version}-${name}`), text);
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
