import { personOf } from '../../../lib/attribution/actor-id.ts';
import { placeOf } from '../../../lib/attribution/place.ts';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { roleOfRecord } from '../../../lib/attribution/role-of-record.ts';
import { assumedRoleRef, roleRef } from '../../../lib/identity/arn.ts';
import { clusterText } from '../../../lib/identity/cluster.ts';
import type { FieldName } from '../../../lib/usecases/query/filter.ts';

/** A field by which the timeline counts and filters rows. */
export interface Facet {
  readonly field: FieldName;
  readonly title: string;
  /** Returns the record's values, as the field's filter takes them. */
  valuesOf(record: AuditRecord): readonly string[];
}

const some = (value: string | undefined): readonly string[] => (value === undefined || value === '' ? [] : [value]);

export const FACETS: readonly Facet[] = [
  { field: 'status', title: 'Status', valuesOf: ({ attribution }) => [attribution.status] },
  { field: 'actor', title: 'Actor', valuesOf: ({ attribution }) => some(actorOf(attribution)) },
  { field: 'verb', title: 'Verb', valuesOf: ({ request }) => some(request?.verb?.toLowerCase()) },
  { field: 'resource', title: 'Resource', valuesOf: ({ request }) => some(resourceOf(request)) },
  { field: 'namespace', title: 'Namespace', valuesOf: (record) => [placeOf(record).namespace] },
  { field: 'cluster', title: 'Cluster', valuesOf: (record) => some(clusterText(record)) },
  { field: 'role', title: 'Role', valuesOf: (record) => some(roleOf(record)) },
  { field: 'code', title: 'Response code', valuesOf: ({ response }) => some(response?.code.toString()) },
  { field: 'flag', title: 'Flag', valuesOf: ({ attribution }) => attribution.flags },
];

/** Returns the ID of the actor. Returns undefined if only a session is known, because that names nobody. */
function actorOf({ actor }: AuditRecord['attribution']): string | undefined {
  return actor === undefined || actor.idBasis === 'session' ? undefined : personOf(actor);
}

/**
 * Returns the resource as the API's parameter `resource` takes it (`pods/exec`), or undefined for a request without
 * one.
 */
export function resourceOf(request: AuditRecord['request']): string | undefined {
  const { resource, subresource } = request ?? {};
  return resource === undefined || subresource === undefined ? resource : `${resource}/${subresource}`;
}

/** Returns the name of the role that called the cluster, or its ID if no name is known. */
export function roleOf(record: AuditRecord): string | undefined {
  const { arns = [], roleId } = roleOfRecord(record) ?? {};
  const [arn = ''] = arns;
  return (roleRef(arn) ?? assumedRoleRef(arn))?.roleName ?? roleId;
}

/**
 * Counts of rows by value, for each facet. Kept up to date row by row: counting all rows at once would block the page.
 */
export class FacetCounts {
  readonly #counts = new Map<FieldName, Map<string, number>>();

  /** Adds the record's values, or removes them with `times` -1. */
  add(record: AuditRecord, times: 1 | -1 = 1): void {
    for (const { field, valuesOf } of FACETS) {
      for (const value of valuesOf(record)) {
        const counts = this.#counts.get(field) ?? new Map<string, number>();
        counts.set(value, (counts.get(value) ?? 0) + times);
        this.#counts.set(field, counts);
      }
    }
  }

  /** Returns the values of a field and their counts, the most frequent first. */
  of(field: FieldName): readonly (readonly [value: string, count: number])[] {
    const counts = [...(this.#counts.get(field) ?? [])].filter(([, count]) => count > 0);
    return counts.sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  }
}
