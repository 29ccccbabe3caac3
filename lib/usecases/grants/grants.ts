import { KnownGrants } from '../../attribution/known-grants.ts';
import { parseTrailRecord, type TrailFacts } from '../../cloudtrail/record.ts';
import { sampleOfValue } from '../../envelopes/reject.ts';
import type { JsonObject } from '../../json.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RejectedPiece, Rejects } from '../../ports/input.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import { throwFaults } from '../counting/faulty-items.ts';
import { wake } from './wake.ts';

export interface GrantsService {
  readonly sessions: SessionStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly rejects: Rejects;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** A CloudTrail record, and where it was. */
export interface TrailPiece {
  readonly record: JsonObject;
  readonly file: string;
  readonly place: string;
}

/**
 * Stores what CloudTrail records say of grants, uses and users, and makes the claims that wait for it due at once.
 * The same records again change nothing; copies of one call may come in any order.
 * @throws FaultyItemsError where claims that wait cannot be made due: all is stored, and the others are. What a store throws.
 * Either way all records are to be delivered again.
 */
export async function storeGrants(pieces: readonly TrailPiece[], service: GrantsService): Promise<void> {
  const rejected: RejectedPiece[] = [];
  const facts = pieces.flatMap((piece) => factsOf(piece, rejected));
  const stored = await keep(facts, service);
  if (rejected.length > 0) await service.rejects.keep(rejected);
  service.metrics.add('TrailRecordsReceived', pieces.length);
  service.metrics.add('TrailRecordsRejected', rejected.length);
  service.metrics.add('GrantsStored', stored.filter(({ grant }) => grant !== undefined).length);
  service.metrics.add('UsesStored', stored.filter(({ use }) => use !== undefined).length);
}

function factsOf({ record, file, place }: TrailPiece, rejected: RejectedPiece[]): TrailFacts[] {
  const facts = parseTrailRecord(record);
  const reason = typeof facts === 'string' ? facts : facts.flaw;
  if (reason !== undefined) rejected.push({ file, place, reason, sample: sampleOfValue(record) });
  return typeof facts === 'string' ? [] : [facts];
}

/**
 * A provider's first change says all that its later ones do, and whoever waits has learnt of it: an administrator who
 * changes his account's provider over and over is not to have all its people's claims decided each time.
 */
async function withoutRepeatedChanges(
  facts: readonly TrailFacts[],
  sessions: SessionStore,
): Promise<readonly TrailFacts[]> {
  const providers = new Set(facts.flatMap(({ providerChange }) => providerChange?.providerArn ?? []));
  if (providers.size === 0) return facts;
  const questions = [...providers].map((providerArn) => ({ kind: 'changes-of-provider', providerArn }) as const);
  const known = new KnownGrants();
  for (const stored of await sessions.answer(questions, 'any')) known.add(stored);
  return facts.map((fact) => {
    const { providerChange: change } = fact;
    if (change === undefined) return fact;
    const first = known.firstProviderChange(change.providerArn);
    return first === undefined || first.at > change.at ? fact : { ...fact, providerChange: undefined };
  });
}

/**
 * Grants wake their claims at every delivery, once they are stored, so that one that follows a crash still does. Users and uses
 * come with nearly every record: they wake only while they are not stored, and before they are, since after a crash nothing else
 * would. Answers with the facts that were not, or not wholly.
 */
async function keep(facts: readonly TrailFacts[], service: GrantsService): Promise<readonly TrailFacts[]> {
  const { sessions, clock } = service;
  const missing = await sessions.missing(facts.flatMap(eachApart));
  const others = (await withoutRepeatedChanges(missing, sessions)).filter(({ grant }) => grant === undefined);
  const grants = facts.flatMap(({ grant }) => (grant === undefined ? [] : [{ grant }]));
  if (others.length + grants.length === 0) return missing;
  await wake(others, service, clock());
  await sessions.add(missing);
  throwFaults('claims that wait for the grants', await wake([...others, ...grants], service, clock()));
  return missing;
}

/** A record tells of its user and its role again and again: what is known of them is told no more, with whatever else it comes. */
function eachApart({ grant, use, user, roles = [], agent, providerChange }: TrailFacts): TrailFacts[] {
  return [
    ...(grant ? [{ grant }] : []),
    ...(use ? [{ use }] : []),
    ...(user ? [{ user }] : []),
    ...roles.map((role) => ({ roles: [role] })),
    ...(agent ? [{ agent }] : []),
    ...(providerChange ? [{ providerChange }] : []),
  ];
}
