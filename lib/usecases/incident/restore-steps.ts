import type { RequestLine } from '../activity/activity.ts';
import { ifMeant } from './next-steps.ts';
import { namesOfSections, type Section, type Step } from './report.ts';
import { doneOf, hasMore, inCluster, isLater, isSameObject } from './undo-steps.ts';

/**
 * Returns the steps that restore the objects that people of a report deleted. The page has no room for these texts.
 * @param isChecked whether the log was searched for the request of the report.
 */
export function restoreSteps(sections: readonly Section[], isChecked: boolean): readonly Step[] {
  const isOne = sections.length === 1 && isChecked;
  const names = namesOfSections(sections);
  return sections.flatMap((section, at) => stepsOf(section, ifMeant(isOne, section, names[at] ?? '')));
}

/** Returns a step for each cluster. Leaves out objects that the same person had created. */
function stepsOf({ activity }: Section, condition: string): readonly Step[] {
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
