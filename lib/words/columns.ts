import type { Actor } from '../attribution/actor.ts';
import { actorName } from '../attribution/actor-names.ts';
import type { AuditRecord } from '../attribution/record.ts';
import type { KeptAmbiguous, KeptRecord } from '../claims/kept-record.ts';
import { awsStaffOf } from '../identity/aws-staff.ts';
import { isAnonymous } from './notable.ts';

/** What says who it was. */
type Concluded = Pick<KeptRecord, 'attribution' | 'caller'>;

/** Who did it, in a few words, for each status; and as whom, where another user was impersonated. */
export function whoColumn(record: Concluded & Partial<Pick<KeptRecord, 'impersonated'>>): string {
  const who = actorColumn(record);
  const other = impersonatedName(record);
  return other === undefined ? who : `${who} as ${other}`;
}

/** Who did it, alone: the same in each record of a session. */
export function actorColumn({ attribution, caller }: Concluded): string {
  switch (attribution.status) {
    case 'attributed':
    case 'partial':
      return delegatedName(attribution.actor);
    case 'ambiguous':
      return namesOfAll(attribution);
    case 'system':
      return isAnonymous({ caller }) ? 'anonymous' : systemName(caller.username);
    default:
      return '?';
  }
}

/** Where somebody of another account acts with the actor's identity, of which account. */
function delegatedName(actor: Actor): string {
  const { delegate } = actor;
  return delegate === undefined
    ? actorName(actor)
    : `somebody of account ${delegate.accountId} with ${actorName(actor)}`;
}

/**
 * The client's word, which the cluster let it say; a uid or groups where it gave no username. Undefined also where it is who
 * acted: a trusted proxy names by it whom it acts for.
 */
function impersonatedName({
  impersonated,
  attribution,
}: Pick<KeptRecord, 'attribution'> & Partial<Pick<KeptRecord, 'impersonated'>>): string | undefined {
  if (impersonated === undefined || attribution.method === 'proxy') return undefined;
  return impersonated.username ?? impersonated.uid ?? impersonated.groups?.join(' ');
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
