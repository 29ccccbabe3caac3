import { readFileSync } from 'node:fs';
import { isJsonObject, parseJson, textAt } from '../lib/json.ts';

/**
 * The root of the checkout or the package. The sources in a checkout and the bundle in the package (`dist/`) are one level below it.
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
