import type { Alert } from './alert.ts';
import { type AlertCause, rowOfCause } from './alert-cause.ts';
import type { AlertGroup } from './alert-group.ts';
import { isHarmless, type Option, rangeOf, readyCommand, type ServiceAddress, type Times } from './ready-query.ts';

/** Limits the commands. More of them would be longer than what they list. */
const MOST_QUERIES = 6;

/**
 * Returns commands that list all sessions of a group of alerts, and possibly other sessions of that time. Sessions with
 * a listed status are found by it. No list is by flag. So for flags, the commands list the records of each cluster and
 * namespace.
 */
export function groupQueries(
  { kind, causes }: AlertGroup,
  members: readonly Pick<Alert, 'clusters' | 'namespaces'>[],
  times: Times,
  at: ServiceAddress | undefined,
): readonly string[] {
  const range = rangeOf(times);
  const places = placesOf(members);
  if (kind === 'resolved') return places.map((place) => readyCommand('records', [...place, ...range], at));
  const queriesOf = (cause: AlertCause): readonly string[] => {
    switch (rowOfCause(cause).foundBy) {
      case 'status':
        return [readyCommand('sessions', [['status', cause], ...range], at)];
      case 'records':
        return [readyCommand('records', [['flag', cause], ...clustersOf(members), ...range], at)];
      case 'sessions':
        return places.map((place) => readyCommand('sessions', [['flag', cause], ...place, ...range], at));
    }
  };
  return causes.flatMap(queriesOf).slice(0, MOST_QUERIES);
}

/**
 * Returns the clusters of anonymous callers, as options. Anonymous callers have no sessions, and their requests are
 * often cluster-wide.
 */
function clustersOf(members: readonly Pick<Alert, 'clusters'>[]): readonly Option[] {
  const clusters = new Set(members.flatMap((each) => each.clusters.filter(isHarmless)));
  return [...clusters].slice(0, MOST_QUERIES).map((cluster) => ['cluster', cluster]);
}

/**
 * Returns each cluster of an alert with each of its namespaces. An alert does not say which namespace is in which
 * cluster.
 */
function placesOf(members: readonly Pick<Alert, 'clusters' | 'namespaces'>[]): readonly (readonly Option[])[] {
  const places = new Map<string, readonly Option[]>();
  for (const { clusters, namespaces } of members) {
    for (const cluster of clusters.filter(isHarmless)) {
      for (const namespace of namespaces.filter(isHarmless)) {
        places.set(JSON.stringify([cluster, namespace]), [
          ['cluster', cluster],
          ['namespace', namespace],
        ]);
      }
    }
  }
  return [...places.values()].slice(0, MOST_QUERIES);
}
