import type { Draft } from './calls.ts';
import { type Draw, drawFrom } from './draw.ts';
import { auditEvent } from './events.ts';
import { type Json, SOURCE_IDENTITIES, TEMPLATES } from './pools.ts';
import { STORIES } from './stories.ts';
import type { World } from './types.ts';

const MOST_RECORDS = 30;
const FEWEST_EVENTS = 3;
const MOST_EVENTS = 12;

/** A small world full of likenesses, the same for the same seed: its audit events and its CloudTrail records. */
export function generateWorld(seed: number): World {
  const draw = drawFrom(seed);
  const usernameTemplates = draw.shuffle(TEMPLATES).slice(0, draw.pick([0, 0, 1, 1, 2]));
  const draft = writeStories(draw);
  const records = draft.records.slice(0, MOST_RECORDS - 3);
  const count = FEWEST_EVENTS + draw.below(MOST_EVENTS - FEWEST_EVENTS - 1);
  const events = Array.from({ length: count }, (_, index) => auditEvent(draft, usernameTemplates, index));
  return {
    audit: draw.shuffle([...events, ...repeatedEvents(draw, events)]),
    cloudtrail: draw.shuffle([...records, ...repeatedRecords(draw, records)]).map((record) => inEnvelope(draw, record)),
    usernameTemplates,
  };
}

function writeStories(draw: Draw): Draft {
  const sourceIdentity = draw.pick(SOURCE_IDENTITIES);
  const draft: Draft = { draw, records: [], sessions: [], used: [], federated: [], roots: [], sourceIdentity };
  const count = draw.pick([0, 2, 4, 5, 6, 7, 8, 9, 10]);
  for (let told = 0; told < count; told += 1) draw.pick(STORIES)(draft);
  return draft;
}

/** The same event delivered again, a harmless request's ID reused, and what is no audit event. */
function repeatedEvents(draw: Draw, events: readonly Json[]): unknown[] {
  const again = draw.chance(0.3) ? [structuredClone(draw.pick(events))] : [];
  const odd = draw.chance(0.1)
    ? [draw.pick<unknown>([{ auditID: 7, user: {} }, { auditID: 'a', user: 'bob' }, 'text', null])]
    : [];
  return [...again, ...odd];
}

/** The same record delivered again, in another file. */
function repeatedRecords(draw: Draw, records: readonly Json[]): Json[] {
  return draw.shuffle(records).slice(0, draw.pick([0, 0, 1, 3]));
}

function inEnvelope(draw: Draw, detail: Json): unknown {
  if (!draw.chance(0.12)) return detail;
  const service = String(detail.eventSource).split('.')[0];
  const genuine = { 'detail-type': 'AWS API Call via CloudTrail', source: `aws.${service}`, detail };
  if (draw.chance(0.7)) return genuine;
  return draw.pick<unknown>([
    { ...genuine, source: 'com.example.app' },
    { ...genuine, source: 'awssts' },
    { ...genuine, source: 'aws.signin' },
    { ...genuine, 'detail-type': 'Deployment' },
    { detail },
  ]);
}
