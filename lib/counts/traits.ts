import { filedName } from '../attribution/actor-names.ts';
import { NO_NAMESPACE } from '../attribution/place.ts';
import type { AuditRecord } from '../attribution/record.ts';

/** By what records are counted, beside their cluster and hour. */
export const TRAITS = ['status', 'verb', 'actor', 'namespace', 'resource', 'code', 'flag'] as const;
export type Trait = (typeof TRAITS)[number];

/** A name that there is, and no room for: too long, or one of too many. */
export const LEFT_OUT = Symbol('left out');

/**
 * What a record is counted under: as `FIELDS` of a question asks for it, so that each is a filter. Undefined where it has
 * none: nobody is named, nothing is asked of a resource. Several flags as one text, a blank between.
 *
 * Trust: `verb`, `namespace` and `resource` are the client's.
 */
export type Traits = { readonly [T in Trait]: string | typeof LEFT_OUT | undefined };

export function traitsOf(record: AuditRecord): Traits {
  const { attribution, request, response } = record;
  const { status, flags, actor } = attribution;
  return {
    status,
    verb: request?.verb?.toLowerCase(),
    actor: actor && filedName(actor),
    namespace: request?.namespace ?? NO_NAMESPACE,
    resource: resourceOf(record),
    code: response === undefined ? undefined : codeText(response.code),
    flag: flags.length === 0 ? undefined : flags.join(' '),
  };
}

/** The texts of HTTP's codes are made once. */
const CODES = Array.from({ length: 600 }, (_, code) => String(code));

function codeText(code: number): string {
  return CODES[code] ?? String(code);
}

/** `pods`, `pods/exec`, `deployments.apps`. */
function resourceOf({ request }: AuditRecord): string | undefined {
  if (request?.resource === undefined) return undefined;
  const { resource, apiGroup, subresource } = request;
  return `${resource}${apiGroup ? `.${apiGroup}` : ''}${subresource ? `/${subresource}` : ''}`;
}
