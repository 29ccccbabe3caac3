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
import { wake, withoutKnownNames } from './wake.ts';

export interface GrantsService {
  readonly sessions: SessionStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly rejects: Rejects;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** A CloudTrail record and its place in the delivery or file. */
export interface TrailPiece {
  readonly record: JsonObject;
  readonly file: string;
  readonly place: string;
  /**
   * The account of the record. Present if EventBridge delivered the record, or if the log group belongs to another
   * account.
   */
  readonly account?: string | undefined;
}

/**
 * Stores the grants, uses and users in CloudTrail records. Claims that wait for one of them become due at once. Storing
 * the same records again changes nothing. Copies of one call may arrive in any order.
 * @throws FaultyItemsError if a waiting claim cannot be made due. Everything is stored by then, and the other claims
 *   are due.
 * @throws the errors of the stores. After any error, all records must be delivered again.
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
 * Removes the changes of a provider that came after its first known change, because they add nothing. Otherwise an
 * administrator could cause new decisions on all its users' claims with every change.
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
 * Stores the facts and wakes the claims that wait for them. Grants wake claims at every delivery, after they are
 * stored. So a retry after a crash wakes them too. Users and uses are in nearly every record, so they wake claims only
 * if they are new. They do so before they are stored, since a retry would not find them new.
 * @returns the facts that were new, wholly or in part.
 */
async function keep(facts: readonly TrailFacts[], service: GrantsService): Promise<readonly TrailFacts[]> {
  const { sessions, clock } = service;
  const missing = await sessions.missing(facts.flatMap(splitFacts));
  const others = (await withoutRepeatedChanges(missing, sessions)).filter(({ grant }) => grant === undefined);
  const grants = facts.flatMap(({ grant }) => (grant === undefined ? [] : [{ grant }]));
  if (others.length + grants.length === 0) return missing;
  await wake(await withoutKnownNames(others, sessions), service, clock());
  await sessions.add(missing);
  const news = await withoutKnownNames(others, sessions);
  throwFaults('claims that wait for the grants', await wake([...news, ...grants], service, clock()));
  return missing;
}

/**
 * Splits the facts of a record. So a user or role that is already known is skipped even if the record's other facts are
 * new.
 */
function splitFacts({
  grant,
  use,
  roles = [],
  agent,
  providerChange,
  clusterChange,
  ...names
}: TrailFacts): TrailFacts[] {
  const { sightings = [], holders = [], nameEnds = [] } = names;
  return [
    ...(grant ? [{ grant }] : []),
    ...(use ? [{ use }] : []),
    ...sightings.map((sighting) => ({ sightings: [sighting] })),
    ...holders.map((holder) => ({ holders: [holder] })),
    ...nameEnds.map((end) => ({ nameEnds: [end] })),
    ...roles.map((role) => ({ roles: [role] })),
    ...(agent ? [{ agent }] : []),
    ...(providerChange ? [{ providerChange }] : []),
    ...(clusterChange ? [{ clusterChange }] : []),
  ];
}
