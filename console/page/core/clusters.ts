import { computed, signal } from '@preact/signals';
import { clusterOfKnown } from '../../../lib/claims/known.ts';
import { clusterInFull, clusterLabels, clusterText } from '../../../lib/identity/cluster.ts';
import { knownNames } from './known.ts';

/** The clusters that were shown since the page was opened. The names for suggestions are loaded later, or never. */
const shown = signal<ReadonlySet<string>>(new Set());

/** The labels of the shown and known clusters: their names, with their accounts where several have the name. */
const labels = computed(() => {
  const texts = [...shown.value];
  for (const named of knownNames.value.values()) {
    const isOfCluster = named.kind === 'cluster' || (named.kind === 'namespace' && named.cluster !== undefined);
    if (isOfCluster) texts.push(clusterText(clusterOfKnown(named)));
  }
  return clusterLabels(texts);
});

/**
 * Returns how a cluster is shown that is given by its ARN or name. The first time, it is shown in full for a moment.
 */
export function shownCluster(text: string): string {
  if (!labels.value.has(text)) queueMicrotask(() => noteShown(text)); // a signal must not change while it is rendered
  return labels.value.get(text) ?? clusterInFull(text);
}

function noteShown(text: string): void {
  if (!shown.value.has(text)) shown.value = new Set([...shown.value, text]);
}
