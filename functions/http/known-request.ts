import { KNOWN_KINDS, type KnownKind } from '../../lib/claims/known.ts';
import type { Page } from '../../lib/ports/paging.ts';
import { Parameters, pairsOf } from './parameters.ts';
import { InputError } from './problem.ts';

const DEFAULT_LIMIT = 100;
const MOST = 1_000;

export interface KnownRequest {
  readonly kind: KnownKind;
  readonly prefix: string;
  readonly page: Page;
}

/** @throws InputError naming the parameter. */
export function knownRequest(query: string): KnownRequest {
  const given = new Parameters(pairsOf(query), ['kind', 'prefix', 'limit', 'cursor']);
  const kind = given.oneOf('kind', KNOWN_KINDS);
  if (kind === undefined) throw new InputError('kind', `Give one of ${KNOWN_KINDS.join(', ')}.`);
  const position = given.text('cursor');
  return {
    kind,
    prefix: given.text('prefix') ?? '',
    page: { limit: given.whole('limit', DEFAULT_LIMIT, MOST), position },
  };
}
