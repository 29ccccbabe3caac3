import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { type AuditRecord, auditRecord } from '../../lib/attribution/record.ts';
import type { Silence } from '../../lib/attribution/silence.ts';
import type { AuditEvent } from '../../lib/audit/audit-event.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { issuedTokenOf } from '../../lib/audit/issued-token.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { settingsOf } from '../evidence/settings.ts';
import { piecesOf } from './pieces.ts';

export interface Question {
  readonly event: JsonObject;
  /** CloudTrail records, in any envelopes. Those that cannot be read are left out. */
  readonly records?: readonly unknown[];
  readonly templates?: readonly string[];
  readonly proxies?: readonly string[];
  readonly stores?: readonly string[];
  readonly joined?: readonly string[];
  /** Audit events of the same cluster that issued tokens. */
  readonly issuing?: readonly JsonObject[];
  /** The silences of sources of grants that the service noted. */
  readonly silences?: readonly Silence[];
  /** Whether no later grant is expected, as with files. */
  readonly settled?: boolean;
}

/** Returns the product's answer about this event from these records. */
export function answerOf(question: Question): Attribution {
  return recordOf(question).attribution;
}

/** Returns the record that would be stored, as it is written. */
export function recordOf(question: Question): AuditRecord {
  const { event, records = [], issuing = [], silences = [], settled = true, ...configured } = question;
  const settings = settingsOf(configured);
  const parsed = parsedEvent(event);
  const index = knownFrom(records);
  for (const each of issuing) index.add({ token: issuedTokenOf(parsedEvent(each), {}) });
  for (const silence of silences) index.add({ silence });
  const answer = attribute(actionOf(parsed, {}), { index, settings, settled });
  return JSON.parse(JSON.stringify(auditRecord(parsed, answer, {}))) as AuditRecord;
}

export function parsedEvent(event: JsonObject): AuditEvent {
  const parsed = parseAuditEvent(event);
  if (typeof parsed === 'string') throw new Error(`the test's event is none: ${parsed}`);
  return parsed;
}

/** Returns everything that the records show. */
export function knownFrom(records: readonly unknown[]): KnownGrants {
  const index = new KnownGrants();
  for (const record of records) {
    for (const trail of piecesOf(record).trail) {
      const facts = parseTrailRecord(trail);
      if (typeof facts !== 'string') index.add(facts);
    }
  }
  return index;
}

/** Returns the answer as one text, for tables in tests: `attributed access-key iam-user alice`. */
export function verdictOf(question: Question): string {
  const { status, method, reason, actor, candidates } = answerOf(question);
  const names = candidates?.map((candidate) => candidate.actor.name ?? candidate.actor.kind).sort();
  return [status, method, reason, actor?.kind, actor?.name, names?.join(' or ')]
    .filter((word) => word !== undefined)
    .join(' ');
}
