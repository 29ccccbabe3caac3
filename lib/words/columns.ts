import type { Actor } from '../attribution/actor.ts';
import { personOf } from '../attribution/actor-id.ts';
import { actorName, LabelsInList, labelsApart } from '../attribution/actor-names.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { actionText } from '../audit/action.ts';
import { dryRunText, namespaceOf } from '../audit/object-text.ts';
import type { KeptAmbiguous, KeptRecord } from '../claims/kept-record.ts';
import { awsStaffOf } from '../identity/aws-staff.ts';
import { isAnonymous } from './notable.ts';

/** The parts of a record that say who made the request. */
type WhoFields = Pick<KeptRecord, 'attribution' | 'caller'>;

/** The actors' names in a list. If several actors have one name, what distinguishes them is added. */
export class NamesInList {
  readonly #labels = new LabelsInList();

  add(actor: Actor | undefined): void {
    if (actor !== undefined) this.#labels.add({ id: personOf(actor), label: actorName(actor) });
  }

  /** Returns the actor's name. If another actor in the list has it too, what distinguishes the actor follows. */
  nameOf(actor: Actor): string {
    return this.#labels.labelOf({ id: personOf(actor), label: actorName(actor) });
  }
}

const NO_LIST = new NamesInList();

/**
 * Returns who made the request, in a few words for each status. If a user was impersonated, the name follows:
 * `ana.silva as bob`. `list` has the names in the same list.
 */
export function whoColumn(
  record: WhoFields & Partial<Pick<KeptRecord, 'impersonated'>>,
  list: NamesInList = NO_LIST,
): string {
  const who = actorColumn(record, list);
  const other = impersonatedName(record);
  return other === undefined ? who : `${who} as ${other}`;
}

/** Returns who made the request, without an impersonated user. It is the same for all records of a session. */
export function actorColumn({ attribution, caller }: WhoFields, list: NamesInList = NO_LIST): string {
  switch (attribution.status) {
    case 'attributed':
    case 'partial':
      return delegatedName(attribution.actor, list);
    case 'ambiguous':
      return namesOfAll(attribution);
    case 'system':
      return isAnonymous({ caller }) ? 'anonymous' : systemName(caller.username);
    default:
      return '?';
  }
}

/** Returns the actor's name. If somebody in another account acts with the actor's identity, that account follows. */
function delegatedName(actor: Actor, list: NamesInList): string {
  const { delegate } = actor;
  const name = list.nameOf(actor);
  return delegate === undefined ? name : `somebody of account ${delegate.accountId} with ${name}`;
}

/**
 * Returns the impersonated username, or uid or groups if there is no username. Undefined for a trusted proxy, because
 * the impersonated user is then the actor.
 * Trust: the client chose the values, and the cluster allowed the impersonation.
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

/**
 * Returns the object of a request and the action: `<namespace>/<resource> <name>: <action>`. If the request names no
 * resource, returns its path. A dry run is marked.
 */
export function targetColumn({ request, action }: Pick<AuditRecord, 'request' | 'action'>): string {
  if (request === undefined) return '';
  const { resource, subresource, name, uri } = request;
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`;
  const object = [namespaceOf(request), [kind, name].filter(Boolean).join(' ')].filter(Boolean).join('/');
  const what = resource === undefined ? uri?.split('?')[0] : object;
  return [[what, dryRunText(request)].filter(Boolean).join(' '), actionText(action)].filter(Boolean).join(': ');
}

/** Returns the status, the reason and the flags of the answer: `unattributed access-key-not-seen`. */
export function statusColumn({ attribution: { status, reason, flags } }: Pick<KeptRecord, 'attribution'>): string {
  return [status, ...(reason === undefined ? [] : [reason]), ...flags].join(' ');
}

/** Returns the reason of the answer, or else its method. */
export function howColumn({ attribution }: AuditRecord): string {
  return attribution.reason ?? attribution.method ?? '';
}
