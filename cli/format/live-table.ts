import type { AuditRecord } from '../../lib/attribution/record.ts';
import { howColumn, NamesInList, targetColumn, whoColumn } from '../../lib/words/columns.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { ShownRequests } from '../access/requests.ts';
import type { ShownState } from '../records/follow/follower.ts';
import { type Tone, toned } from '../terminal/colour.ts';
import { ClusterNames } from './record-columns.ts';
import type { LiveFormat } from './record-writer.ts';
import { shownTime } from './shown-time.ts';
import { codeTone, flagsTone, statusTone } from './tones.ts';
import type { View } from './view.ts';

/** Returns a format with one row for each request and each correction. Other stages of a request add nothing. */
export function liveTable(view: View): LiveFormat {
  const shown = new ShownRequests();
  const clusters = new ClusterNames();
  const list = new NamesInList();
  return {
    head: '',
    record(record, was) {
      list.add(record.attribution.actor);
      const correction = was === undefined ? '' : JSON.stringify([was, whoColumn(record), howColumn(record)]);
      clusters.add(record);
      return shown.isNew(record, correction) ? liveRow(record, view, clusters, list) + correctionLine(was, view) : '';
    },
  };
}

function correctionLine(was: ShownState | undefined, { isColoured }: View): string {
  if (was === undefined) return '';
  const text = `^ corrected: shown before as ${escapeForTerminal(wasText(was))}`;
  return `  ${isColoured ? toned(text, 'doubtful') : text}\n`;
}

export function wasText({ status, who, how }: ShownState): string {
  return [status, who, how].filter((part) => part !== undefined).join(' ');
}

/**
 * Returns a record as one line, each actor in its own color. Columns are not aligned, because later records are
 * unknown. Two blanks separate the cells, and no cell contains two blanks, so that nobody can write a false cell.
 */
export function liveRow(
  record: AuditRecord,
  { clock, isColoured }: View,
  clusters = new ClusterNames(),
  list?: NamesInList,
): string {
  const { status, flags, actor } = record.attribution;
  const who = whoColumn(record, list);
  const cells: readonly (readonly [string, (Tone | undefined)?])[] = [
    [shownTime(record.time, clock), 'faint'],
    [clusters.of(record), 'faint'],
    [who, statusTone(record) ?? (actor && { of: who })],
    [[status, howColumn(record)].filter(Boolean).join(' '), statusTone(record)],
    [[record.request?.verb, targetColumn(record)].filter(Boolean).join(' ')],
    [String(record.response?.code ?? ''), codeTone(record)],
    [flags.join(' '), flagsTone(flags)],
    [record.auditId, 'faint'],
  ];
  const shown = cells
    .map(
      ([text, tone]) =>
        [
          escapeForTerminal(text)
            .trim()
            .replace(/\s{2,}/g, ' '),
          tone,
        ] as const,
    )
    .filter(([text]) => text !== '')
    .map(([text, tone]) => (isColoured ? toned(text, tone) : text));
  return `${shown.join('  ')}\n`;
}
