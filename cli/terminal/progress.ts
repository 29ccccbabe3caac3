import type { ReadProgress } from '../../lib/ports/input.ts';
import { UNSAFE } from '../../lib/words/escape.ts';

/** Reports the progress of a command. Silent if standard error is not a terminal. */
export interface Progress {
  read(progress: ReadProgress): void;
  end(): void;
}

const MEBIBYTE = 1024 * 1024;

/** Reports nothing. */
export const NO_PROGRESS: Progress = { read: () => undefined, end: () => undefined };

/**
 * Returns the progress bar on a terminal. Its library is loaded only on a terminal, because loading it takes longer
 * than reading a small input.
 */
export async function progressOn(stream: NodeJS.WriteStream): Promise<Progress> {
  if (!stream.isTTY) return NO_PROGRESS;
  const { Presets, SingleBar } = await import('cli-progress');
  const format = '{bar} {percentage}% | {value}/{total} MiB | {file}';
  const bar = new SingleBar({ stream, format, clearOnComplete: true, hideCursor: false }, Presets.shades_classic);
  let started = false;
  return {
    read({ file, read, total }) {
      if (total === undefined) return;
      const all = Math.max(1, Math.round(total / MEBIBYTE));
      if (!started) bar.start(all, 0, { file });
      started = true;
      bar.setTotal(all);
      bar.update(Math.min(all, Math.round(read / MEBIBYTE)), { file: file.slice(-40).replace(UNSAFE, '?') });
    },
    end() {
      if (started) bar.stop();
    },
  };
}
