import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { isJsonObject, parseJson, textAt } from '../lib/json.ts';

/** A package that is partly or completely in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** License in its manifest, an SPDX expression. */
  readonly licence: string;
  /** Texts of its license and notice files; empty if it has none. */
  readonly texts: readonly string[];
}

/**
 * Returns the packages in a bundle, sorted by name.
 * @throws if a manifest cannot be read.
 */
export async function bundledPackages(
  root: string,
  metafiles: readonly Metafile[],
): Promise<readonly BundledPackage[]> {
  const folders = new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs).flatMap(packageFolder)));
  const packages = await Promise.all([...folders].map((folder) => packageIn(join(root, folder))));
  return packages.sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** Returns the folder of a file's package, such as `node_modules/a/node_modules/@b/c`. */
function packageFolder(path: string): string[] {
  return /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.slice(1, 2) ?? [];
}

async function packageIn(folder: string): Promise<BundledPackage> {
  const manifest = parseJson(await readFile(join(folder, 'package.json'), 'utf8'));
  const fields = manifest.ok && isJsonObject(manifest.value) ? manifest.value : undefined;
  const files = (await readdir(folder)).filter((name) => /^(?:licen[cs]e|notice|copying)/i.test(name)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return {
    name: textAt(fields, 'name') ?? folder,
    version: textAt(fields, 'version') ?? '',
    licence: textAt(fields, 'license') ?? '',
    texts: texts.map((text) => text.trim()),
  };
}

/**
 * Returns one text with everything that the licenses of bundled packages require to be passed on. Equal texts are
 * included once.
 */
export function licencesText(packages: readonly BundledPackage[]): string {
  const byText = Map.groupBy(packages, ({ licence, texts }) => JSON.stringify([licence, texts]));
  const parts = [...byText.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = group.map(({ name, version }) => `${name} ${version}`).join('\n');
    return [`${names}\n\nLicence: ${first.licence}\n\n${first.texts.join('\n\n')}`.trimEnd()];
  });
  return `eks-whois contains parts of these packages.\n\n${parts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}
