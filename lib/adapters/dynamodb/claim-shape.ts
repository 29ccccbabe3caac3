import { REASONS, STATUSES } from '../../attribution/attribution.ts';
import { ALERT_CAUSES } from '../../claims/alert.ts';
import type { Alerted, Claim, ClaimIntent, ClaimTally, Pass, Window } from '../../claims/claim.ts';
import type { ReadRange } from '../../claims/read-range.ts';
import { actingCaller } from './caller-shape.ts';
import { flag, instant, listOf, number, objectOf, oneOf, text } from './shape.ts';

const tally = objectOf<ClaimTally>(
  {
    count: number,
    statuses: listOf(oneOf(STATUSES)),
    reasons: listOf(oneOf(REASONS)),
    causes: listOf(oneOf(ALERT_CAUSES)),
    actors: listOf(text),
    clusters: listOf(text),
    verbs: listOf(text),
    namespaces: listOf(text),
    open: number,
  },
  { first: text, last: text, unanswered: listOf(text), nextFinal: instant, liveStatuses: listOf(oneOf(STATUSES)) },
);

const opening = { id: text, session: text, caller: actingCaller, status: oneOf(STATUSES), live: flag };
const times = { first: instant, last: instant };

const window = objectOf<Window>({ since: instant, countedTo: instant, tally }, {});

export const openingShape = objectOf<ClaimIntent>(opening, times);

export const claimShape = objectOf<Claim>(
  { ...opening, openedAt: instant, touchedAt: instant, rounds: number },
  {
    ...times,
    due: instant,
    until: instant,
    pass: objectOf<Pass>({ startedAt: instant, tally }, { window, position: text }),
    tally,
    window,
    heldSince: instant,
    read: listOf(objectOf<ReadRange>({ scope: text, lookup: text, from: instant, to: instant }, {})),
    alerted: objectOf<Alerted>(
      { at: instant, causes: listOf(oneOf(ALERT_CAUSES)), unsure: listOf(oneOf(ALERT_CAUSES)) },
      {},
    ),
  },
);
