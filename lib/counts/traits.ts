import type { Actor } from '../attribution/actor.ts';
import { nameInId } from '../attribution/actor-id.ts';
import { filedName } from '../attribution/actor-names.ts';
import { NO_NAMESPACE } from '../attribution/place.ts';
import type { AuditRecord } from '../attribution/record.ts';

/** The traits by which records are counted, besides cluster and hour. */
export const TRAITS = ['status', 'verb', 'actor', 'namespace', 'resource', 'code', 'flag'] as const;
export type Trait = (typeof TRAITS)[number];

/** Stands for a name that was left out, because it is too long or there are too many. */
export const LEFT_OUT = Symbol('left out');

/**
 * The traits of a record. They have the form of `FIELDS` of a question, so each can be a filter, except the actor
 * (`actorOfCount`). A trait is undefined if the record has none: nobody is named, or the request names no resource.
 * Several flags are one text, separated by spaces.
 * Trust: the client chooses `verb`, `namespace` and `resource`.
 */
export type Traits = { readonly [T in Trait]: string | typeof LEFT_OUT | undefined };

export function traitsOf(record: AuditRecord): Traits {
  const { attribution, request, response } = record;
  const { status, flags, actor } = attribution;
  return {
    status,
    verb: request?.verb?.toLowerCase(),
    actor: actor && countedActor(actor),
    namespace: request?.namespace ?? NO_NAMESPACE,
    resource: resourceOf(record),
    code: response === undefined ? undefined : codeText(response.code),
    flag: flags.length === 0 ? undefined : flags.join(' '),
  };
}

/**
 * Returns the actor's ID, followed by a space and the name if the ID does not contain it. Undefined if only a session
 * is known, and neither a person nor a workload.
 */
function countedActor(actor: Actor): string | undefined {
  if (actor.idBasis === 'session') return undefined;
  const name = filedName(actor);
  return name === undefined || name === nameInId(actor.id) ? actor.id : `${actor.id} ${name}`;
}

/** Returns the ID and the name in a counted actor. */
export function actorOfCount(value: string): { readonly id: string; readonly name: string | undefined } {
  const end = value.indexOf(' ');
  if (end < 0) return { id: value, name: nameInId(value) };
  return { id: value.slice(0, end), name: value.slice(end + 1) };
}

/** Texts of the HTTP status codes, made once. */
const CODES = Array.from({ length: 600 }, (_, code) => String(code));

function codeText(code: number): string {
  return CODES[code] ?? String(code);
}

/** Returns the resource with its group or subresource: `pods`, `pods/exec`, `deployments.apps`. */
function resourceOf({ request }: AuditRecord): string | undefined {
  if (request?.resource === undefined) return undefined;
  const { resource, apiGroup, subresource } = request;
  return `${resource}${apiGroup ? `.${apiGroup}` : ''}${subresource ? `/${subresource}` : ''}`;
}
