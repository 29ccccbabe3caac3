import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { NO_NAMESPACE } from '../../../../lib/attribution/place.ts';
import { whoColumn } from '../../../../lib/words/columns.ts';
import { isDenied } from '../../../../lib/words/notable.ts';
import { type Drawn, drawnOf, MORE, placeOfRow } from '../../core/drawn.ts';
import { resourceOf } from '../../core/facets.ts';
import type { Row } from '../../core/rows.ts';
import { formatted, zone } from '../../core/times.ts';
import { Name } from '../../parts/name.tsx';
import { StatusBadge } from '../../parts/status.tsx';
import { Text } from '../../parts/text.tsx';
import { notesOf } from './notes.ts';

const COLUMNS = ['Time', 'Status', 'Who', 'Verb', 'What', 'Namespace', 'Cluster', 'Code', 'Notes'] as const;

interface RowsTableProps {
  readonly rows: readonly Row[];
  /** There are more than that. */
  readonly hasMore: boolean;
  readonly open: Row | undefined;
  onOpen(row: Row | undefined, how: { readonly byKey: boolean }): void;
  /** The last row is nearly in view. */
  onEnd(): void;
}

/** The rows, of which only those in view are there: a hundred thousand scroll like twenty. */
export function RowsTable({ rows, hasMore, open, onOpen, onEnd }: RowsTableProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { drawn, height } = useWindow(frame, rows);
  const { first, count } = drawn;
  const active = useSignal<string | undefined>(undefined);
  const current = open?.key ?? active.value;
  const at = useMemo(
    () => (current === undefined ? -1 : rows.findIndex(({ key }) => key === current)),
    [rows, current],
  );
  const shown = rows.slice(first, first + count);
  useEffect(() => {
    if (hasMore && first + count + 40 > rows.length) onEnd();
  }, [hasMore, first, count, rows.length]);

  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    active.value = row.key;
    if (open !== undefined) onOpen(row, { byKey: false });
    reveal(frame.current, rows.indexOf(row), height);
  };
  const press = (event: KeyboardEvent) => {
    const page = Math.max(1, count - 2 * MORE - 2);
    const target = targetOf(event.key, at, page, rows.length);
    if (target !== undefined) goTo(target);
    else if (event.key === 'Enter' && rows[at] !== undefined) onOpen(rows[at], { byKey: true });
    else if (event.key === 'Escape' && open !== undefined) onOpen(undefined, { byKey: true });
    else return;
    event.preventDefault();
  };
  const click = ({ target }: MouseEvent) => {
    if (!(target instanceof Element) || target.closest('a') !== null) return;
    const row = rows[Number(target.closest('tr')?.dataset.index ?? Number.NaN)];
    if (row === undefined) return;
    active.value = row.key;
    onOpen(row.key === open?.key ? undefined : row, { byKey: false });
  };
  return (
    <div class="rows table-frame" ref={frame}>
      <table
        id="rows"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: WAI-ARIA Practices, "Grid"
        role="grid"
        tabIndex={0}
        aria-label="Requests, the newest first"
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-activedescendant={at < 0 ? undefined : `row-${at}`}
        onKeyDown={press}
        onClick={click}
      >
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map((title) => (
              <th scope="col" class={`col-${title.toLowerCase()}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space rows={first} height={height} />
          {shown.map((row, index) => (
            <RowLine
              key={placeOfRow(first + index, drawn)}
              row={row}
              index={first + index}
              isActive={first + index === at}
              isOpen={row.key === open?.key}
            />
          ))}
          <Space rows={rows.length - first - shown.length} height={height} />
        </tbody>
      </table>
    </div>
  );
}

function targetOf(key: string, at: number, page: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  return step === undefined ? undefined : at + step;
}

function reveal(frame: HTMLElement | null, index: number, height: number): void {
  if (frame === null) return;
  const head = frame.querySelector('thead')?.offsetHeight ?? 0;
  const top = index * height;
  const room = frame.clientHeight - head - height;
  if (top < frame.scrollTop) frame.scrollTop = top;
  else if (top > frame.scrollTop + room) frame.scrollTop = top - room;
}

/** Which rows are in view. What comes above them does not move them, unless the newest are looked at. */
function useWindow(frame: RefObject<HTMLDivElement | null>, rows: readonly Row[]) {
  const seen = useSignal<Drawn>({ first: 0, count: 60, base: 0 });
  const height = useSignal(32);
  const top = useRef<{ key: string; index: number } | undefined>(undefined);
  const look = () => {
    const element = frame.current;
    if (element === null) return;
    const index = Math.floor(element.scrollTop / height.peek());
    const row = rows[index];
    top.current = index > 0 && row !== undefined ? { key: row.key, index } : undefined;
    const was = seen.peek();
    const drawn = drawnOf(index, Math.ceil(element.clientHeight / height.peek()), rows.length, was);
    if (was.first !== drawn.first || was.count !== drawn.count) seen.value = drawn;
  };
  useLayoutEffect(() => {
    const { key, index } = top.current ?? {};
    if (key !== undefined && index !== undefined && rows[index]?.key !== key && frame.current !== null) {
      const moved = rows.findIndex((row) => row.key === key);
      if (moved >= 0) frame.current.scrollTop += (moved - index) * height.peek();
    }
    look();
  }, [rows]); // not while one scrolls: whatever asks where something is has all be laid out at once
  useEffect(() => {
    const element = frame.current;
    const watcher = new ResizeObserver(() => {
      const tall = element?.querySelector<HTMLElement>('tr[data-index]')?.offsetHeight;
      if (tall) height.value = tall;
      look();
    });
    element?.addEventListener('scroll', look, { passive: true });
    if (element !== null) watcher.observe(element);
    return () => {
      element?.removeEventListener('scroll', look);
      watcher.disconnect();
    };
  }, [rows]);
  return { drawn: seen.value, height: height.value };
}

function Space({ rows, height }: { readonly rows: number; readonly height: number }) {
  if (rows <= 0) return null;
  return (
    <tr class="space" style={{ height: `${rows * height}px` }}>
      <td colSpan={COLUMNS.length} />
    </tr>
  );
}

interface RowLineProps {
  readonly row: Row;
  readonly index: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
}

function RowLine({ row, index, isActive, isOpen }: RowLineProps) {
  const state = `${isDenied(row.record) ? 'is-denied ' : ''}${isActive ? 'is-active ' : ''}${isOpen ? 'is-open' : ''}`;
  const cells = useMemo(() => <Cells row={row} />, [row, zone.value]);
  return (
    <tr
      id={`row-${index}`}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      class={`line line-${row.record.attribution.status} ${state}`}
    >
      {cells}
    </tr>
  );
}

function Cells({ row }: { readonly row: Row }) {
  const { attribution, request, response, cluster } = row.record;
  const { namespace } = request ?? {};
  return (
    <>
      <td class="col-time">{row.at === undefined ? 'no time' : formatted(row.at, 'row')}</td>
      <td class="col-status">
        <StatusBadge of={attribution.status} provisional={attribution.provisional} />
      </td>
      <td class="col-who">
        <WhoCell row={row} />
      </td>
      <td class="col-verb">{request?.verb !== undefined && <Text of={request.verb} />}</td>
      <td class="col-what">
        <What row={row} />
      </td>
      <td class="col-namespace">
        {namespace !== undefined && namespace !== NO_NAMESPACE && (
          <Name kind="namespace" of={namespace} within={{ cluster }} isPassedOver />
        )}
      </td>
      <td class="col-cluster">{cluster !== undefined && <Name kind="cluster" of={cluster} isPassedOver />}</td>
      <td class="col-code">{response?.code}</td>
      <td class="col-notes" title={attribution.flags.join(', ')}>
        {notesOf(row).map(({ word, tone }) => (
          <span class={`tag tag-${tone}`}>{word}</span>
        ))}
      </td>
    </>
  );
}

/** Who, as the terminal's tables say it; a name leads to its page. */
function WhoCell({ row: { record } }: { readonly row: Row }) {
  const said = whoColumn(record);
  const { name } = record.attribution.actor ?? {};
  if (said === '?') return <Unnamed of={record} />;
  if (name === undefined || !said.startsWith(name)) return <Text of={said} />;
  const rest = said.slice(name.length);
  const isApart = rest.startsWith(' '); // a blank at the end of a text is written out
  return (
    <>
      <Name kind="actor" of={name} isPassedOver />
      {isApart && ' '}
      {rest !== '' && <Text of={isApart ? rest.slice(1) : rest} />}
    </>
  );
}

/** Nobody is named: what the cluster calls the caller is no name. */
function Unnamed({ of: { caller } }: { readonly of: Row['record'] }) {
  return (
    <>
      ?{' '}
      <span class="object">
        <Text of={caller.username ?? caller.uid ?? ''} />
      </span>
    </>
  );
}

function What({ row: { record } }: { readonly row: Row }) {
  const { request } = record;
  const resource = resourceOf(request);
  if (resource === undefined) return <Text of={request?.uri?.split('?')[0] ?? ''} />;
  return (
    <>
      <Text of={resource} />
      {request?.name !== undefined && (
        <span class="object">
          {' '}
          <Text of={request.name} />
        </span>
      )}
    </>
  );
}
