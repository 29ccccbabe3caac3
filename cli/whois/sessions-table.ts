import type { SessionFound } from '../../lib/usecases/query/anything/found.ts';
import { whoColumn } from '../../lib/words/columns.ts';
import { briefTime, shownTime } from '../format/shown-time.ts';
import type { View } from '../format/view.ts';
import { type Column, fittedTable, type Layout } from '../terminal/fitted-table.ts';

/** Sessions as a person reads them, as the screen has room for them; the session itself stands whole, if need be below its row. */
export function sessionsTable(sessions: readonly SessionFound[], view: View): string {
  const hasRecords = sessions.some(({ records }) => records !== undefined);
  const times = (shown: typeof shownTime): readonly Column<SessionFound>[] => [
    { title: 'FROM', of: ({ from }) => shown(from, view.clock) },
    { title: 'TO', of: ({ to }) => shown(to, view.clock) },
  ];
  const columns = [SESSION, KEY, WHO, STATUS, ...(hasRecords ? [RECORDS] : [])];
  const [from, to] = times(briefTime);
  const brief = from === undefined ? [] : [from];
  const layouts: readonly [Layout<SessionFound>, ...Layout<SessionFound>[]] = [
    { columns: [...times(shownTime), ...columns] },
    { columns: [...brief, ...(to === undefined ? [] : [to]), ...columns] },
    { columns: [...brief, ...columns] },
    { columns: [...brief, SESSION, KEY, WHO, STATUS] },
    { columns: [...brief, KEY, WHO, STATUS], below: SESSION },
  ];
  return fittedTable(layouts, sessions, view);
}

const SESSION: Column<SessionFound> = {
  title: 'SESSION',
  of: ({ session, username }) => session ?? username ?? '',
  least: 36,
  isId: true,
};
const KEY: Column<SessionFound> = { title: 'KEY', of: ({ accessKeyId }) => accessKeyId ?? '' };
const WHO: Column<SessionFound> = {
  title: 'WHO',
  of: ({ attribution, username }) => whoColumn({ attribution, caller: { kind: 'role-session', username } }),
  least: 9,
  isId: true,
};
const STATUS: Column<SessionFound> = {
  title: 'STATUS, FLAGS',
  of: ({ attribution: { status, flags } }) => [status, ...flags].join(' '),
  least: 13,
};
/** A watch or an exec has a record for each of its stages. */
const RECORDS: Column<SessionFound> = { title: 'RECORDS', of: ({ records }) => String(records ?? '') };
