import { SECOND } from '../../lib/time.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';

/** Says what doctor is looking at. */
export interface DoctorProgress {
  look(what: string): void;
  end(): void;
}

/** Where standard error is no terminal, a line every so often is enough; a quick look says nothing. */
const APART = 10 * SECOND;
const TO_THE_BEGINNING = '\r\u001b[K';

/** A terminal has one line that is written over, and is empty at the end. */
export function doctorProgress(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> & { write(text: string): unknown },
): DoctorProgress {
  let told = performance.now();
  let shown = false;
  return {
    look(what) {
      const line = `Looking at ${escapeForTerminal(what)}`;
      const now = performance.now();
      if (!stream.isTTY && now - told < APART) return;
      told = now;
      shown = true;
      stream.write(
        stream.isTTY ? TO_THE_BEGINNING + line.slice(0, (stream.columns ?? 80) - 1) : `eks-whois: ${line}\n`,
      );
    },
    end() {
      if (shown && stream.isTTY) stream.write(TO_THE_BEGINNING);
      shown = false;
    },
  };
}
