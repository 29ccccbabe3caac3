import { logGroupOf } from '../../doctor/audit-log.ts';
import type { ClusterLogs, LogFilter } from '../../ports/cluster-logs.ts';

/** What a clean-up works on, and its time limit. */
export interface CleanUp {
  readonly logs: ClusterLogs;
  readonly filter: LogFilter;
  readonly region: string;
  /** The clusters whose filters are left alone. CloudFormation deletes these filters itself. */
  readonly listed: readonly string[];
  /** Returns whether the time is enough for one more log group. */
  readonly hasTime: () => boolean;
}

/** The result of a clean-up. */
export interface CleanedUp {
  /** The log groups from which the filter was removed. */
  readonly removed: readonly string[];
  /** The filters that may still exist, each with the reason and with the command that removes it. */
  readonly left: readonly string[];
}

/**
 * Removes the service's own filters and notes from the log groups of all clusters. These include clusters that were
 * deleted, or that are no longer chosen. It never throws. If AWS refuses a request, the result says so.
 */
export async function cleanUp(work: CleanUp): Promise<CleanedUp> {
  const { logs, listed, hasTime } = work;
  const removed: string[] = [];
  const left: string[] = [];
  try {
    const kept = new Set(listed.map(logGroupOf));
    const groups = (await logs.logGroups()).filter((group) => !kept.has(group));
    for (const [at, group] of groups.entries()) {
      if (!hasTime()) return { removed, left: [...left, leftOver(work, groups.slice(at), 'there was no time left')] };
      try {
        if (await cleanGroup(work, group)) removed.push(group);
      } catch (error) {
        left.push(leftOver(work, [group], causeOf(error)));
      }
    }
  } catch (error) {
    left.push(leftOver(work, [], causeOf(error)));
  }
  return { removed, left };
}

/** Removes the filter and the note from one log group. Returns whether the group had the filter. */
async function cleanGroup({ logs, filter }: CleanUp, group: string): Promise<boolean> {
  const filters = (await logs.filtersOf(group)) ?? [];
  const isThere = filters.some(({ name, destination }) => name === filter.name && destination === filter.destination);
  if (isThere) await logs.remove(group, filter.name);
  if (await logs.hasNote(group, filter.name)) await logs.removeNote(group, filter.name);
  return isThere;
}

function causeOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}

const MOST_SHOWN = 3;

function leftOver({ filter, region }: CleanUp, groups: readonly string[], cause: string): string {
  const more = groups.length > MOST_SHOWN ? ` and ${groups.length - MOST_SHOWN} more` : '';
  const where = groups.length === 0 ? 'log groups /aws/eks/*/cluster' : groups.slice(0, MOST_SHOWN).join(', ') + more;
  const [group = '<log group>'] = groups;
  return (
    `The subscription filter ${filter.name} may still be on ${where}: ${cause}. Delete it: ` +
    `aws logs delete-subscription-filter --region ${region} --log-group-name ${group} --filter-name ${filter.name}`
  );
}

/** Returns the result in one text, for the stack's events. */
export function cleanUpText({ removed, left }: CleanedUp): string {
  const done = `Removed the subscription filters of ${removed.length} log group${removed.length === 1 ? '' : 's'}.`;
  return [...left, done].join(' ');
}
