import { REASON_ROWS, REASONS } from '../../attribution/reasons.ts';
import { type Block, fields, heading, text } from '../../words/document.ts';
import type { CallerRow } from '../activity/activity.ts';
import { comparedText, type FirstUses } from '../activity/first-uses.ts';
import type { IncidentReport, Step } from './report.ts';
import { CALLERS, CHANGES, FIRST_USES, tableOf } from './report-tables.ts';

/** Parts of a report that the command and the page show alike. */

/** Returns the table of callers, and after it an explanation of each reason in it. */
export function callerRowsBlocks(rows: readonly CallerRow[]): readonly Block[] {
  const shown = new Set(rows.flatMap(({ reason, mayBeReportedActor }) => (mayBeReportedActor ? [] : (reason ?? []))));
  const explained = REASONS.filter((reason) => shown.has(reason));
  return [...tableOf(CALLERS, rows), ...explained.map((reason) => text([`${reason}: ${REASON_ROWS[reason].why}`]))];
}

/** Returns the list of values that the person had not used before, as far as their requests were read. */
export function firstUsesBlocks(uses: FirstUses): readonly Block[] {
  return [
    heading(3, ['First uses in this time range']),
    text([comparedText(uses)]),
    ...tableOf(FIRST_USES, uses.listed),
    ...(uses.left > 0 ? [text([`Plus ${uses.left} more.`])] : []),
  ];
}

/** Returns the table of changes through the EKS API, and notes on unknown ones. No audit log has such changes. */
export function changesBlocks({
  clusterChanges,
  clusterChangesLeft: left = 0,
  clusterChangesNote: note,
}: Pick<IncidentReport, 'clusterChanges' | 'clusterChangesLeft' | 'clusterChangesNote'>): readonly Block[] {
  if (clusterChanges === undefined && note === undefined) return []; // There is no time range.
  const none =
    clusterChanges?.length === 0
      ? [
          'No change of access entries, logs, endpoints, identity providers or Pod Identity is known in this time range.',
        ]
      : [];
  const found = clusterChanges !== undefined && clusterChanges.length > 0 ? ['From CloudTrail, by anybody.'] : [];
  return [
    heading(2, ['Changes of clusters through the EKS API']),
    text([[...none, ...found, ...(note === undefined ? [] : [note])].join(' ')]),
    ...tableOf(CHANGES, clusterChanges ?? []),
    ...(left > 0 ? [text([`Plus ${left} later ${left === 1 ? 'change' : 'changes'}.`])] : []),
  ];
}

/** Returns the steps, each with its command, effect and caution. */
export function nextBlocks(next: readonly Step[]): readonly Block[] {
  if (next.length === 0) return [];
  return [
    heading(2, ['What to do next']),
    ...next.flatMap(({ title, command, effect, caution, source }, at): Block[] => [
      heading(3, [`${at + 1}. `, { value: title }]),
      ...(command === undefined ? [] : [{ kind: 'command' as const, command }]),
      ...fields(['effect', [effect]], ['caution', [caution]], ['source', [source]]),
    ]),
  ];
}
