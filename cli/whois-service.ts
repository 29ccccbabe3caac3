import type { Answer } from '../lib/attribution/attribute.ts';
import { type Attribution, STATUSES } from '../lib/attribution/attribution.ts';
import type { AuditRecord } from '../lib/attribution/record.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../lib/json.ts';
import { type EpochMillis, formatInstant, HOUR } from '../lib/time.ts';
import { CommandFailure } from './failure.ts';
import { recordOf } from './record-pages.ts';
import type { ServiceAccess } from './service-access.ts';

/** What `/whois` takes. */
export interface ServiceQuestion {
  readonly uid?: string;
  readonly username?: string;
  readonly principal?: string;
  readonly accessKeyId?: string;
  readonly auditId?: string;
  readonly at?: EpochMillis;
  readonly lookback?: number;
}

/** An answer, and of one by audit ID: whom it is about, and the records that bear the ID where it is not that one alone. */
export interface ServiceAnswer extends Answer {
  readonly caller?: JsonObject | undefined;
  readonly records?: readonly AuditRecord[] | undefined;
}

/** @throws CommandFailure where the service refuses, or knows no record of the audit ID. */
export async function askService(question: ServiceQuestion, service: ServiceAccess): Promise<ServiceAnswer> {
  const answer = await service.get('/whois', queryOf(question));
  const body = isJsonObject(answer) ? answer : undefined;
  const attribution = objectAt(body, 'attribution');
  const status = STATUSES.find((known) => known === textAt(attribution, 'status'));
  if (status === undefined) throw new CommandFailure(unanswered(question), 1);
  const answered = { ...attribution, status } as unknown as Attribution; // the service's own (CONTRACT, version 1)
  if (question.auditId === undefined) return { attribution: answered };
  return {
    attribution: answered,
    caller: objectAt(body, 'caller'),
    records: listAt(body, 'records')?.map(recordOf),
  };
}

function queryOf({ at, lookback, ...asked }: ServiceQuestion): URLSearchParams {
  const { uid, username, principal, accessKeyId, auditId } = asked;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ uid, username, principal, accessKeyId, auditId }))
    if (value !== undefined) query.set(name, value);
  if (at !== undefined) query.set('at', formatInstant(at));
  if (lookback !== undefined) query.set('lookback', String(lookback / HOUR));
  return query;
}

function unanswered({ auditId }: ServiceQuestion): string {
  return auditId === undefined
    ? 'What answers is not the service: its answer has no attribution. Check --api.'
    : 'No record of the service bears this audit id.';
}
