import { open, stat } from 'node:fs/promises';
import { type Kubeconfig, parseKubeconfig } from '../../kubeconfig/document.ts';
import { KubeconfigError } from '../../kubeconfig/kubeconfig-error.ts';
import { failureOf } from '../files/paths.ts';

/**
 * The largest kubeconfig. An entry has about 3 KB, so this is enough for thousands of clusters. A larger file is no
 * kubeconfig.
 */
const MOST_MEGABYTES = 10;

/**
 * Returns the text of the file. Undefined if it does not exist.
 * @throws KubeconfigError if it cannot be read.
 */
export async function readConfigText(path: string): Promise<string | undefined> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw new KubeconfigError(`${path} is a folder: name a file.`);
    if (!info.isFile()) throw new KubeconfigError(`${path} is not a regular file: name one that is.`);
    checkSize(path, info.size);
    return decode(path, await readWhole(path));
  } catch (cause) {
    if (cause instanceof KubeconfigError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new KubeconfigError(`${path} ${failureOf(cause)}: fix this, or name another file.`, { cause });
  }
}

function checkSize(path: string, bytes: number): void {
  const megabytes = bytes / 1_000_000;
  if (megabytes <= MOST_MEGABYTES) return;
  throw new KubeconfigError(
    `${path} has ${megabytes.toFixed(0)} MB, but a kubeconfig may have at most ${MOST_MEGABYTES}: name another file.`,
  );
}

/** Reads the file up to the limit, even if it grows while it is read. */
async function readWhole(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      bytes += chunk.length;
      checkSize(path, bytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}

/** Decodes UTF-8. Refuses anything else, which could not be written back unchanged. */
function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new KubeconfigError(`${path} is not UTF-8 text: save it as UTF-8, or name another file.`, { cause });
  }
}

/** Reads the kubeconfig files that exist, in the order of the paths. */
export async function readKubeconfigs(paths: readonly string[]): Promise<readonly Kubeconfig[]> {
  const files: Kubeconfig[] = [];
  for (const path of paths) {
    const text = await readConfigText(path);
    if (text !== undefined) files.push(parseKubeconfig(path, text));
  }
  return files;
}
