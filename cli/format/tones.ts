import { type Flag, isWrong } from '../../lib/attribution/flags.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isDenied } from '../../lib/words/notable.ts';
import type { Tone } from '../terminal/colour.ts';

export function statusTone({ attribution }: AuditRecord): Tone | undefined {
  switch (attribution.status) {
    case 'ambiguous':
    case 'partial':
    case 'pending':
      return 'doubtful';
    case 'unattributed':
      return 'wrong';
    case 'system':
      return 'faint';
    default:
      return undefined;
  }
}

export function codeTone(record: AuditRecord): Tone | undefined {
  return isDenied(record) ? 'wrong' : undefined;
}

export function flagsTone(flags: Iterable<Flag>): Tone {
  return [...flags].some(isWrong) ? 'wrong' : 'doubtful';
}

/** Returns the tone of the most serious word of the NOTE column. */
export function notableTone(record: AuditRecord): Tone | undefined {
  if (isDenied(record) || record.attribution.flags.some(isWrong)) return 'wrong';
  return statusTone(record) ?? (record.attribution.flags.length > 0 ? 'doubtful' : undefined);
}
