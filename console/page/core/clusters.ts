import { computed } from '@preact/signals';
import { clusterOfKnown } from '../../../lib/claims/known.ts';
import { clusterInFull, clusterLabels, clusterText } from '../../../lib/identity/cluster.ts';
import { knownNames } from './known.ts';

/** The labels of the known clusters: their names, with their accounts where several have the name. */
const labels = computed(() => {
  const texts: string[] = [];
  for (const named of knownNames.value.values()) {
    const isOfCluster = named.kind === 'cluster' || (named.kind === 'namespace' && named.cluster !== undefined);
    if (isOfCluster) texts.push(clusterText(clusterOfKnown(named)));
  }
  return clusterLabels(texts);
});

/** Returns how a cluster is shown that is given by its ARN or name. One that is not known yet is shown in full. */
export function shownCluster(text: string): string {
  return labels.value.get(text) ?? clusterInFull(text);
}
