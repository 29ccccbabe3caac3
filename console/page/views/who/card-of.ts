import type { Attribution } from '../../../../lib/attribution/attribution.ts';
import type { ToldRequest } from '../../../../lib/usecases/query/anything/told-request.ts';
import type { AuditRecord, WhoAnswer } from '../../core/answers.ts';

/** What a record tells of its request, as an answer of `/whois` has it. */
export function toldBy({ request, time, cluster, auditId, response, source, impersonated }: AuditRecord): ToldRequest {
  const told = {
    ...request,
    ...source,
    time,
    cluster,
    auditId,
    code: response?.code,
    impersonated: impersonated?.username,
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

/** What is known of one request or session, as its card shows it. */
export type CardOf = Pick<WhoAnswer, 'caller' | 'request' | 'recorded' | 'records' | 'inLog' | 'note' | 'complete'> & {
  readonly attribution: Attribution;
};
