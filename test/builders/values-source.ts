import { unwrap } from '../../lib/envelopes/unwrap.ts';
import type { RecordSource, RereadableSource } from '../../lib/ports/input.ts';

/** Returns a source of values in memory, in their envelopes. */
export function valuesSource(values: readonly unknown[]): RecordSource {
  return {
    async read(sink) {
      for (const [index, value] of values.entries()) {
        const file = 'memory';
        unwrap(value, () => `value ${index}`, {
          audit: (event, site, place) => sink.audit(event, site, { file, place }),
          trail: (record, place) => sink.trail(record, { file, place }),
          ignored: (what) => sink.ignored(what),
          reject: (reason, place) => sink.reject({ file, place: place(), reason, sample: '' }),
          inflate: () => ({ ok: false, reason: 'awslogs-data-unreadable' }),
        });
      }
    },
  };
}

/** Returns the source, to be read ahead as a whole. */
export function rereadable(source: RecordSource): RereadableSource {
  return { tokens: source, repeating: () => source };
}
