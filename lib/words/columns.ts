import type { Actor } from '../attribution/actor.ts';
import { actorName, labelsApart } from '../attribution/actor-names.ts';
import type { AuditRecord } from '../attribution/record.ts';
import type { KeptAmbiguous, KeptRecord } from '../claims/kept-record.ts';
import { awsStaffOf } from '../identity/aws-staff.ts';
import { isAnonymous } from './notable.ts';

/** The parts of a record that say who it was. */
type WhoFields = Pick<KeptRecord, 'attribution' | 'caller'>;

/** Returns who did it, in a few words for each status, followed by the impersonated user if there is one: `ana.silva as bob`. */
export function whoColumn(record: WhoFields & Partial<Pick<KeptRecord, 'impersonated'>>): string {
  const who = actorColumn(record);
  const other = impersonatedName(record);
  return other === undefined ? who : `${who} as ${other}`;
}

/** Returns who did it, without an impersonated user. It is the same for each record of a session. */
export function actorColumn({ attribution, caller }: WhoFields): string {
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

/** Returns the actor's name, with the account of the delegate if somebody of another account acts with the actor's identity. */
function delegatedName(actor: Actor): string {
  const { delegate } = actor;
  return delegate === undefined
    ? actorName(actor)
    : `somebody of account ${delegate.accountId} with ${actorName(actor)}`;
}

/**
 * Returns the impersonated username, or uid or groups if there is no username. Undefined for a trusted proxy, because
 * there the impersonated user is the actor.
 *
 * Trust: the client chose the values, and the cluster allowed it.
 */
function impersonatedName({
  impersonated,
  attribution,
}: Pick<KeptRecord, 'attribution'> & Partial<Pick<KeptRecord, 'impersonated'>>): string | undefined {
  if (impersonated === undefined || attribution.method === 'proxy') return undefined;
  return impersonated.username ?? impersonated.uid ?? impersonated.groups?.join(' ');
}

function namesOfAll({ candidates, candidatesLeftOut: left }: KeptAmbiguous): string {
  const names = labelsApart(
    candidates.map(({ actor }) => actor),
    actorName,
  );
  return [...names, ...(left === undefined ? [] : [`${left} others`])].join(' or ');
}

/** Returns the name of a caller with the status `system`. */
export function systemName(username: string | undefined): string {
  const staff = awsStaffOf(username);
  const name = username ?? '(not authenticated)';
  return staff === undefined ? name : `${name} (${staff})`;
}

/** Returns the object of a request: `<namespace>/<resource>/<name>`, or the request path if it names no resource. */
export function targetColumn({ request }: AuditRecord): string {
  if (request?.resource === undefined) return request?.uri?.split('?')[0] ?? '';
  const { namespace, resource, subresource, name } = request;
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [namespace, [kind, name].filter(Boolean).join(' ')].filter(Boolean).join('/');
}

/** Returns the reason of the answer, or else its method. */
export function howColumn({ attribution }: AuditRecord): string {
  return attribution.reason ?? attribution.method ?? '';
}
