import { KNOWN_KINDS, type KnownKind } from '../../../claims/known.ts';
import type { Page } from '../../../ports/paging.ts';
import { QuestionError } from '../question.ts';
import { Parameters, pairsOf } from './parameters.ts';

const PARAMETERS = ['kind', 'prefix', 'limit', 'cursor', 'newest'];
const DEFAULT_LIMIT = 100;
const MOST = 1_000;

export interface KnownRequest {
  /** One at least. */
  readonly kinds: readonly KnownKind[];
  readonly prefix: string;
  readonly page: Page;
  /** The time of the newest record is told beside the names. */
  readonly asksNewest: boolean;
}

/** @throws QuestionError naming the parameter. */
export function knownRequest(query: string): KnownRequest {
  const given = new Parameters(pairsOf(query), PARAMETERS, new Map(), ['kind']);
  const kinds = given.someOf('kind', KNOWN_KINDS);
  if (kinds.length === 0) throw new QuestionError('kind', `Give one of ${KNOWN_KINDS.join(', ')}.`);
  const position = given.text('cursor');
  if (position !== undefined && kinds.length > 1) throw new QuestionError('cursor', 'Read on one kind at a time.');
  return {
    kinds,
    prefix: given.text('prefix') ?? '',
    page: { limit: given.whole('limit', DEFAULT_LIMIT, MOST), position },
    asksNewest: given.isTrue('newest'),
  };
}
