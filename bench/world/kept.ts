import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A folder that is gone at the end of its block, however that ends. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'eks-whois-bench-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The bytes of all files in the folder, in whatever folders of it. */
export function bytesIn(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sizes = names.map((name) => statSync(join(folder, name))).filter((entry) => entry.isFile());
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** The same files, each gzipped as the services that deliver them do. */
export async function gzipFolder(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    await pipeline(createReadStream(join(from, name)), createGzip(), createWriteStream(join(to, `${name}.gz`)));
  }
}
