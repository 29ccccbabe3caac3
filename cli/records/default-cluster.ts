import type { Command } from 'commander';
import { FIELD_NAMES } from '../../lib/usecases/query/filter.ts';
import { negatedName } from '../../lib/usecases/query/question.ts';
import { defaultCluster } from '../access/default-cluster.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import type { RecordsOptions } from './options.ts';

/**
 * Gives the command the default cluster where the question names none and is one without it: a default alone asks for
 * nothing. That it counts is told, since a filter that nobody sees hides records.
 */
export function meaningCluster(command: Command): Command {
  return command.hook('preAction', async () => {
    const options = command.opts<RecordsOptions>();
    if (options.allClusters === true && options.cluster !== undefined)
      throw wrongUsage('Give --cluster or --all-clusters, not both.');
    if (!canMean(options)) return;
    const meant = await defaultCluster();
    if (meant === undefined) return;
    note(`cluster ${meant.cluster}, from ${meant.from}; -A for all.`);
    command.setOptionValueWithSource('cluster', [meant.cluster], 'config');
  });
}

/** What a question without a cluster may ask by. */
const PARTS: readonly string[] = ['since', 'from', 'to', 'follow', ...FIELD_NAMES, ...FIELD_NAMES.map(negatedName)];

/** An audit id leads to its event in whatever cluster. */
function canMean(options: RecordsOptions): boolean {
  const isOfClusters = options.allClusters === true || (options.cluster ?? options.notCluster) !== undefined;
  if (isOfClusters || options.auditId !== undefined) return false;
  const given: Readonly<Record<string, unknown>> = { ...options };
  return PARTS.some((part) => given[part] !== undefined) || options.system === false;
}
