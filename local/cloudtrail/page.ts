import type { EventAnswer } from './event.ts';
import type { HistoryEvent } from './history.ts';
import type { Lookup } from './lookup.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { NextTokens } from './token.ts';

/** What one caller can see of the event history, and when. */
export interface View {
  /** The account whose records are seen; without it, all. */
  readonly accountId: string | undefined;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** How long after its `eventTime` an event shows, in milliseconds. */
  readonly deliveryDelay: (event: HistoryEvent) => number;
}

/** The body of LookupEvents' answer. */
export interface Page {
  readonly kind: 'page';
  readonly Events: readonly EventAnswer[];
  readonly NextToken: string | undefined;
}

const NINETY_DAYS = 90 * 24 * 60 * 60 * 1000;

/**
 * One page of what `view` shows for `lookup`, from the events that have its attribute, which come newest first. The page after a NextToken begins
 * behind the last event of the page before, so events that arrive in between move nothing.
 */
export function pageOf(
  events: readonly HistoryEvent[],
  lookup: Lookup,
  view: View,
  tokens: NextTokens,
): Page | Refusal {
  const bound = JSON.stringify([view.accountId, view.region, { ...lookup, nextToken: undefined }]);
  const after = lookup.nextToken === undefined ? undefined : tokens.open(lookup.nextToken, bound);
  if (lookup.nextToken !== undefined && after === undefined) return INVALID_TOKEN;
  const found = events
    .filter(
      (event) =>
        after === undefined ||
        event.time < after.time ||
        (event.time === after.time && event.sequence < after.sequence),
    )
    .filter((event) => isVisible(event, view) && isAskedFor(event, lookup));
  const page = found.slice(0, lookup.maxResults);
  const last = found.length > page.length ? page.at(-1) : undefined;
  return {
    kind: 'page',
    Events: page.map(({ answer }) => answer),
    NextToken: last === undefined ? undefined : tokens.seal({ time: last.time, sequence: last.sequence }, bound),
  };
}

const INVALID_TOKEN = refuse(
  'InvalidNextTokenException',
  'The token is not valid, or was previously used in a request with different parameters.',
);

/** FACTS: one Region, the account's own records, 90 days, and nothing that is not delivered yet. */
function isVisible(event: HistoryEvent, view: View): boolean {
  return (
    event.region === view.region &&
    (view.accountId === undefined || event.accountId === view.accountId) &&
    event.time >= view.now - NINETY_DAYS &&
    event.time + view.deliveryDelay(event) <= view.now
  );
}

/** But for the attribute. */
function isAskedFor(event: HistoryEvent, lookup: Lookup): boolean {
  return (
    lookup.category === undefined &&
    (lookup.startTime === undefined || event.time >= lookup.startTime) &&
    (lookup.endTime === undefined || event.time <= lookup.endTime)
  );
}
