import type { RequestLine } from '../activity/activity.ts';
import type { Step } from './report.ts';
import { type DeedsOfPerson, doneOf, hasMore, inCluster, isLater, isSameObject } from './undo-steps.ts';

/**
 * Returns the steps to restore the objects that a person of a report deleted: one for each cluster. What the same person had created is
 * left out.
 */
export function restoreSteps({ activity, condition }: DeedsOfPerson): readonly Step[] {
  const created = (['workload-created', 'rbac-change'] as const)
    .flatMap((kind) => doneOf(activity, kind))
    .filter(({ verb }) => verb === 'create');
  const isOwn = (line: RequestLine) => created.some((each) => isSameObject(each, line) && isLater(line, each));
  const deleted = doneOf(activity, 'delete').filter((line) => line.resource?.includes('/') === false && !isOwn(line));
  return [...Map.groupBy(deleted, ({ cluster = '' }) => cluster)].map(([cluster, lines]) => {
    const more = hasMore(activity, 'delete') ? ', and more' : '';
    return {
      title: `${condition}Restore what was deleted${inCluster(cluster)}: ${[...new Set(lines.map(objectText))].join(', ')}${more}`,
      effect:
        'Create it again from your manifests, from Git or from a backup. The audit log does not contain the deleted objects.',
      caution:
        'First end the access, and check what exists again: controllers create their pods again. Objects that belonged to a deleted ' +
        'one are gone too, such as everything in a namespace. Only a backup has the data of volumes.',
      source: 'Kubernetes, "Auditing"; Kubernetes, "Garbage Collection"',
    };
  });
}

function objectText({ namespace, resource = '', name }: RequestLine): string {
  if (name === undefined) return `all ${resource}${namespace === undefined ? '' : ` of the namespace ${namespace}`}`;
  const isNamespace = resource === 'namespaces';
  return `${resource} ${namespace === undefined || isNamespace ? '' : `${namespace}/`}${name}`;
}
