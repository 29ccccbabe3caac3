import type { AuditRecord } from '../../lib/attribution/record.ts';
import { sessionText } from '../../lib/usecases/activity/requests.ts';
import type { RequestGroup, ShownRequests } from '../../lib/usecases/query/anything/outcomes.ts';
import { NamesInList, statusColumn, targetColumn, whoColumn } from '../../lib/words/columns.ts';
import { type Column, fittedTable, type Layout } from '../terminal/fitted-table.ts';
import { counted } from '../terminal/text-table.ts';
import { ClusterNames, podText } from './record-columns.ts';
import { briefTime, shownTime } from './shown-time.ts';
import { codeTone, statusTone } from './tones.ts';
import type { View } from './view.ts';

/**
 * Returns the requests of an answer as a table that fits the screen. Few requests have a row each, many are grouped by
 * caller.
 */
export function requestsText({ listed, groups = [], groupsLeft = 0 }: Partial<ShownRequests>, view: View): string {
  if (listed !== undefined) return fittedTable(requestLayouts(listed, view), listed, view);
  const left = groupsLeft === 0 ? '' : `${counted(groupsLeft, 'more caller')} not shown.\n`;
  return `${fittedTable(groupLayouts(groups, view), groups, view)}${left}`;
}

type RequestColumn = Column<AuditRecord>;

/** Returns layouts that each show everything: on a narrow screen, a part stands below the row. */
function requestLayouts(
  records: readonly AuditRecord[],
  { clock }: View,
): readonly [Layout<AuditRecord>, ...Layout<AuditRecord>[]] {
  const [list, clusters] = [new NamesInList(), new ClusterNames()];
  for (const record of records) {
    list.add(record.attribution.actor);
    clusters.add(record);
  }
  const time: RequestColumn = { title: 'TIME', of: (record) => shownTime(record.time, clock) };
  const brief: RequestColumn = { title: 'TIME', of: (record) => briefTime(record.time, clock) };
  const cluster: RequestColumn = { title: 'CLUSTER', least: 8, of: (record) => clusters.of(record) };
  const who: RequestColumn = {
    title: 'WHO',
    least: 18,
    isId: true,
    of: (record) => whoColumn(record, list),
    tone: (record) => statusTone(record) ?? (record.attribution.actor && { of: whoColumn(record, list) }),
  };
  const what = [VERB, WHAT, CODE, IP];
  return [
    { columns: [time, cluster, ...what, who, STATUS, KEY, AGENT, ID] },
    { columns: [time, cluster, ...what, who, STATUS], below: joined(KEY, AGENT, ID) },
    { columns: [brief, ...what, { ...who, least: 9 }], below: joined(STATUS, KEY, AGENT, ID) },
  ];
}

const VERB: RequestColumn = { title: 'VERB', of: ({ request }) => request?.verb ?? '' };
const WHAT: RequestColumn = { title: 'WHAT', least: 12, isId: true, of: targetColumn };
const CODE: RequestColumn = {
  title: 'CODE',
  of: ({ response }) => String(response?.code ?? ''),
  tone: codeTone,
};
const IP: RequestColumn = { title: 'SOURCE IP', of: ({ source }) => source?.ips?.at(-1) ?? '' };
const STATUS: RequestColumn = {
  title: 'STATUS, REASON, FLAGS',
  of: statusColumn,
};
/** The access key, or what else identifies the caller's session: the pod of a service account's token. */
const KEY: RequestColumn = {
  title: 'KEY, SESSION OR POD',
  of({ caller }) {
    const pod = podText(caller);
    return caller.accessKeyId ?? sessionText(caller) ?? (pod === '' ? (caller.username ?? '') : `pod ${pod}`);
  },
};
const AGENT: RequestColumn = { title: 'USER AGENT', of: ({ source }) => source?.userAgent ?? '' };
const ID: RequestColumn = { title: 'AUDIT ID', of: ({ auditId }) => auditId };

function groupLayouts(
  groups: readonly RequestGroup[],
  { clock }: View,
): readonly [Layout<RequestGroup>, ...Layout<RequestGroup>[]] {
  const list = new NamesInList();
  for (const { attribution } of groups) list.add(attribution.actor);
  const times = (shown: typeof shownTime): readonly Column<RequestGroup>[] => [
    { title: 'FIRST', of: ({ from }) => shown(from, clock) },
    { title: 'LAST', of: ({ to }) => shown(to, clock) },
  ];
  const who: Column<RequestGroup> = {
    title: 'WHO',
    least: 9,
    isId: true,
    of: ({ attribution, username }) => whoColumn({ attribution, caller: { kind: 'role-session', username } }, list),
  };
  const count: Column<RequestGroup> = { title: 'REQUESTS', of: ({ requests }) => String(requests) };
  const ips: Column<RequestGroup> = { title: 'SOURCE IP', of: ({ ips: all = [] }) => all.join(' ') };
  const status: Column<RequestGroup> = {
    title: 'STATUS, REASON, FLAGS',
    of: statusColumn,
  };
  const keys: Column<RequestGroup> = {
    title: 'KEYS OR SESSION',
    of: ({ accessKeyIds, session, username = '' }) =>
      accessKeyIds.length > 0 ? accessKeyIds.join(' ') : (session ?? username),
  };
  return [
    { columns: [...times(shownTime), count, who, status, ips, keys] },
    { columns: [...times(briefTime), count, who, status], below: joined(ips, keys) },
    { columns: [...times(briefTime), count, who], below: joined(status, ips, keys) },
  ];
}

/** Joins the cells of these columns, for the line below a row. */
function joined<T>(...columns: readonly Column<T>[]): Column<T> {
  return {
    title: '',
    of: (row) =>
      columns
        .map((column) => column.of(row))
        .filter((text) => text !== '')
        .join('  '),
  };
}
