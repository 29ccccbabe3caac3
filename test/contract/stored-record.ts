import { sha256 } from '../../lib/adapters/digest.ts';
import type { Actor } from '../../lib/attribution/actor.ts';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { recordIdentity } from '../../lib/attribution/copies.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { auditRecord, recordHead } from '../../lib/attribution/record.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import type { EventSite } from '../../lib/audit/event-site.ts';
import { claimOf } from '../../lib/claims/identity.ts';
import { parseTrailRecord, type TrailFacts } from '../../lib/cloudtrail/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { present } from '../../lib/json.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { grant } from '../builders/trail-records.ts';

/** A record as ingest would store it, attributed with these grants. */
export function storedRecord(
  fields: JsonObject = {},
  grants: readonly JsonObject[] = [],
  cluster = 'prod-1',
  stated: EventSite = {},
): StoredRecord {
  const site = { cluster, ...stated };
  const event = parseAuditEvent(auditEvent(fields));
  if (typeof event === 'string') throw new Error(event);
  const index = new KnownGrants();
  for (const facts of factsOf(grants)) index.add(facts);
  const answer = attribute(actionOf(event, site), { index, settings: DEFAULT_SETTINGS, settled: false });
  const claim = claimOf(event.caller, sha256);
  return present<StoredRecord>({
    id: sha256(recordIdentity(recordHead(event, site))),
    at: event.at,
    claimId: claim?.id,
    session: claim?.session,
    record: JSON.parse(JSON.stringify(auditRecord(event, answer, site))),
  });
}

export function factsOf(records: readonly JsonObject[]): TrailFacts[] {
  return records.map(parseTrailRecord).filter((facts): facts is TrailFacts => typeof facts !== 'string');
}

/** Returns a record of that day by the actor. */
export function recordBy(actor: Actor, day: string, id: string): StoredRecord {
  const stored = storedRecord({ auditID: id, requestReceivedTimestamp: `${day}T12:10:00Z` }, [
    grant({ id, at: `${day}T12:00:00Z`, until: `${day}T13:00:00Z` }),
  ]);
  const { attribution } = stored.record;
  if (attribution.status !== 'attributed') throw new Error(`it is ${attribution.status}`);
  return { ...stored, record: { ...stored.record, attribution: { ...attribution, actor } } };
}
