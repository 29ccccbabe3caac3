import type { Claim, ListedStatus } from '../../claims/claim.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { ClaimPage, Claims, ListPage } from '../../ports/claims.ts';
import type { Position } from '../../ports/paging.ts';
import { epochMillis } from '../../time.ts';

/**
 * The next claims of several lists in their common order. A claim that is in another list meanwhile has its place still, or
 * one further up: so it is read once.
 */
export async function listedClaims(
  lists: readonly ListedStatus[],
  asked: ListPage,
  claims: Claims,
): Promise<ClaimPage> {
  const isBehind = (a: Position, b: Position) => (asked.isUpwards === true ? a > b : a < b);
  const first = (a: Position | undefined, b: Position) => (a === undefined || isBehind(a, b) ? b : a);
  const pages = await mapConcurrently(lists, (list) => claims.list(list, asked));
  const end = pages.flatMap(({ position }) => position ?? []).reduce<Position | undefined>(first, undefined);
  const places = new Map<string, { readonly claim: Claim; readonly place: Position }>();
  for (const page of pages)
    for (const [index, claim] of page.claims.entries()) {
      const place = page.positions[index] ?? '';
      if (end === undefined || !isBehind(place, end)) places.set(claim.id, { claim, place });
    }
  const inOrder = [...places.values()].sort((a, b) => (isBehind(b.place, a.place) ? -1 : 1));
  const [found, positions] = [inOrder.map(({ claim }) => claim), inOrder.map(({ place }) => place)];
  const at = epochMillis(Math.min(...pages.map((page) => page.at)));
  const salt = pages[0]?.salt ?? '';
  return { at, salt, claims: found, positions, ...(end !== undefined && { position: end }) };
}
