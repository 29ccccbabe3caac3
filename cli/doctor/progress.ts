import { SECOND } from '../../lib/time.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';

/** Reports what doctor is checking. */
export interface DoctorProgress {
  look(what: string): void;
  end(): void;
}

/** The time between two lines if standard error is not a terminal. A quick check then reports nothing. */
const APART = 10 * SECOND;
const TO_THE_BEGINNING = '\r\u001b[K';

/** Returns a progress report. In a terminal it is one line that is overwritten, and erased at the end. */
export function doctorProgress(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> & { write(text: string): unknown },
): DoctorProgress {
  let lastReport = performance.now();
  let shown = false;
  return {
    look(what) {
      const line = `Looking at ${escapeForTerminal(what)}`;
      const now = performance.now();
      if (!stream.isTTY && now - lastReport < APART) return;
      lastReport = now;
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
