import { readBytes } from './inflate.ts';

/** Whether the file, inflated and as UTF-8, holds one of the texts anywhere. What cannot be read holds none: reading it says why. */
export async function holdsText(file: string, texts: readonly string[]): Promise<boolean> {
  const wanted = texts.map((text) => Buffer.from(text));
  const overlap = Math.max(...wanted.map((text) => text.length)) - 1;
  let end = Buffer.alloc(0);
  try {
    for await (const { bytes } of readBytes(file)) {
      const seam = Buffer.concat([end, bytes.subarray(0, overlap)]);
      if (wanted.some((text) => bytes.includes(text) || seam.includes(text))) return true;
      end = Buffer.from(
        bytes.length >= overlap ? bytes.subarray(-overlap) : Buffer.concat([end, bytes]).subarray(-overlap),
      );
    }
  } catch {
    return false; // the same failure is told when the file is read
  }
  return false;
}
