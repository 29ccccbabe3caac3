import { type GraveKind, graveKindsOf } from '../../../../lib/usecases/incident/grave.ts';
import { isDenied, notableWords } from '../../../../lib/words/notable.ts';
import type { Row } from '../../core/rows.ts';

/** What must be seen in a row, the gravest first. */
export interface Note {
  readonly word: string;
  readonly tone: 'wrong' | 'doubt' | 'plain';
}

const GRAVE_WORDS: Readonly<Record<GraveKind, string>> = {
  'secrets-read': 'secrets',
  exec: 'into a pod',
  delete: 'delete',
  denied: 'denied',
  'token-request': 'token',
  'rbac-change': 'rights',
  impersonation: 'as another',
  'anonymous-read': 'read',
  'anonymous-change': 'change',
};

/** Said by the status already. */
const STATUS_WORDS: ReadonlySet<string> = new Set(['ambiguous', 'partial', 'pending', 'nobody', 'denied']);

export function notesOf({ record, stages, isCorrected }: Row): readonly Note[] {
  const notable = notableWords(record).filter((word) => !STATUS_WORDS.has(word));
  return [
    ...(isDenied(record) ? [{ word: 'denied', tone: 'wrong' } as const] : []),
    ...notable.map((word): Note => ({ word, tone: word === 'forged' ? 'wrong' : 'doubt' })),
    ...graveKindsOf(record)
      .filter((kind) => kind !== 'denied')
      .map((kind): Note => ({ word: GRAVE_WORDS[kind], tone: 'plain' })),
    ...(isCorrected ? [{ word: 'corrected', tone: 'doubt' } as const] : []),
    ...(stages.length > 1 ? [{ word: `${stages.length} stages`, tone: 'plain' } as const] : []),
  ];
}
