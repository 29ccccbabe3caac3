import { readFileSync } from 'node:fs';
import { isJsonObject, parseJson, textAt } from '../lib/json.ts';

/**
 * Where the program's own files lie. Its sources in a checkout, and its bundle in the package (`dist/`), lie one level below what
 * both are in; the bundle's files all in one folder.
 */
const ROOT = new URL('../', import.meta.url);

/** A file of the checkout or the package, by its path in it. */
export function ownFile(path: string): URL {
  return new URL(path, ROOT);
}

/** The version of the program, as its package states it. */
export function productVersion(): string {
  const manifest = parseJson(readFileSync(ownFile('package.json'), 'utf8'));
  return (manifest.ok && isJsonObject(manifest.value) && textAt(manifest.value, 'version')) || 'unknown';
}
