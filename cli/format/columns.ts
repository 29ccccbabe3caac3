import { actorName } from '../../lib/attribution/actor-names.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { KeptAmbiguous, KeptRecord } from '../../lib/claims/kept-record.ts';
import { awsStaffOf } from '../../lib/identity/aws-staff.ts';

/** Who did it, in a few words, for each status. */
export function whoColumn({ attribution, caller }: Pick<KeptRecord, 'attribution' | 'caller'>): string {
  switch (attribution.status) {
    case 'attributed':
    case 'partial':
      return actorName(attribution.actor);
    case 'ambiguous':
      return namesOfAll(attribution);
    case 'system':
      return systemName(caller.username);
    default:
      return '?';
  }
}

function namesOfAll({ candidates, candidatesLeftOut: left }: KeptAmbiguous): string {
  const names = candidates.map(({ actor }) => actorName(actor));
  return [...names, ...(left === undefined ? [] : [`${left} others`])].join(' or ');
}

/** Who a caller of the status `system` is. */
export function systemName(username: string | undefined): string {
  const staff = awsStaffOf(username);
  const name = username ?? '(not authenticated)';
  return staff === undefined ? name : `${name} (${staff})`;
}

/** What was done it to: `<namespace>/<resource>/<name>`, or the path of a request that names no resource. */
export function targetColumn({ request }: AuditRecord): string {
  if (request?.resource === undefined) return request?.uri?.split('?')[0] ?? '';
  const { namespace, resource, subresource, name } = request;
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [namespace, [kind, name].filter(Boolean).join(' ')].filter(Boolean).join('/');
}

/** Why the answer is what it is: how it was found, or why not. */
export function howColumn({ attribution }: AuditRecord): string {
  return attribution.reason ?? attribution.method ?? '';
}
