import { REASONS, STATUSES } from '../../attribution/attribution.ts';
import { ALERT_CAUSES } from '../../claims/alert-cause.ts';
import type { Alerted, Came, Claim, ClaimIntent, ClaimTally, FinalPart, Pass, Window } from '../../claims/claim.ts';
import type { ReadRange } from '../../claims/read-range.ts';
import { actingCaller } from './caller-shape.ts';
import { exactOptional, flag, instant, listOf, number, objectOf, oneOf, text } from './shape.ts';

const tally = objectOf<ClaimTally>({
  count: number,
  statuses: listOf(oneOf(STATUSES)),
  reasons: listOf(oneOf(REASONS)),
  causes: listOf(oneOf(ALERT_CAUSES)),
  actors: listOf(text),
  clusters: listOf(text),
  verbs: listOf(text),
  namespaces: listOf(text),
  open: number,
  first: exactOptional(text),
  last: exactOptional(text),
  unanswered: exactOptional(listOf(text)),
  nextFinal: exactOptional(instant),
  liveStatuses: exactOptional(listOf(oneOf(STATUSES))),
});

const intent = {
  id: text,
  session: text,
  caller: actingCaller,
  status: oneOf(STATUSES),
  live: flag,
  first: exactOptional(instant),
  last: exactOptional(instant),
};

const window = objectOf<Window>({ since: instant, countedTo: instant, tally });
const finalPart = objectOf<FinalPart>({ before: instant, tally });

export const claimIntentShape = objectOf<ClaimIntent>(intent);

export const claimShape = objectOf<Claim>({
  ...intent,
  openedAt: instant,
  touchedAt: instant,
  rounds: number,
  due: exactOptional(instant),
  listedAt: exactOptional(instant),
  until: exactOptional(instant),
  pass: exactOptional(
    objectOf<Pass>({
      startedAt: instant,
      tally,
      window: exactOptional(window),
      without: exactOptional(finalPart),
      freshFrom: exactOptional(instant),
      finalPart: exactOptional(finalPart),
      untimed: exactOptional(number),
      isPartWhole: exactOptional(flag),
      position: exactOptional(text),
    }),
  ),
  tally: exactOptional(tally),
  window: exactOptional(window),
  finalPart: exactOptional(finalPart),
  came: exactOptional(listOf(objectOf<Came>({ at: instant, from: instant }))),
  heldSince: exactOptional(instant),
  read: exactOptional(listOf(objectOf<ReadRange>({ scope: text, lookup: text, from: instant, to: instant }))),
  alerted: exactOptional(
    objectOf<Alerted>({ at: instant, causes: listOf(oneOf(ALERT_CAUSES)), unsure: listOf(oneOf(ALERT_CAUSES)) }),
  ),
});
