import { readFileSync } from 'node:fs';
import { isJsonObject, parseJson, textAt } from '../lib/json.ts';

/**
 * The root of the checkout or the package. The calling code is one level below it: in `cli/` of a checkout, or in
 * `dist/` of the package.
 */
const ROOT = new URL('../', import.meta.url);

/** Returns the URL of a file of the checkout or the package, by its path in it. */
export function ownFile(path: string): URL {
  return new URL(path, ROOT);
}

/** Returns the version of the program from its package.json. */
export function productVersion(): string {
  const manifest = parseJson(readFileSync(ownFile('package.json'), 'utf8'));
  return (manifest.ok && isJsonObject(manifest.value) && textAt(manifest.value, 'version')) || 'unknown';
}
