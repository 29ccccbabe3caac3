import { useSignal } from '@preact/signals';
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { NO_NAMESPACE } from '../../../../lib/attribution/place.ts';
import { clusterText } from '../../../../lib/identity/cluster.ts';
import { type GraveKind, graveKindsOf } from '../../../../lib/usecases/activity/activity.ts';
import { whoColumn } from '../../../../lib/words/columns.ts';
import { isDenied, notableWords } from '../../../../lib/words/notable.ts';
import { resourceOf } from '../../core/facets.ts';
import type { Row } from '../../core/rows.ts';
import { formatTime, zone } from '../../core/times.ts';
import { StatusBadge } from '../../parts/signs.tsx';
import { Name, Text } from '../../parts/text.tsx';
import { ActorLink } from '../../parts/who-name.tsx';

/** Titles by the class of each column. */
const COLUMNS = {
  time: 'Time',
  status: 'Status',
  who: 'Who',
  verb: 'Verb',
  what: 'Resource',
  namespace: 'Namespace',
  cluster: 'Cluster',
  code: 'Code',
  notes: 'Remarks',
} as const;

interface RowsTableProps {
  readonly rows: readonly Row[];
  /** Whether more rows can be loaded. */
  readonly hasMore: boolean;
  readonly open: Row | undefined;
  onOpen(row: Row | undefined, how: { readonly byKey: boolean }): void;
  /** Called when the last row is nearly in view. */
  onEnd(): void;
}

/** The table of rows. Only rows in view are in the document, so that a hundred thousand scroll like twenty. */
export function RowsTable({ rows, hasMore, open, onOpen, onEnd }: RowsTableProps) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualRows(frame, rows);
  const items = virtual.getVirtualItems();
  const last = items.at(-1);
  const active = useSignal<string | undefined>(undefined);
  const current = open?.key ?? active.value;
  const at = useMemo(
    () => (current === undefined ? -1 : rows.findIndex(({ key }) => key === current)),
    [rows, current],
  );
  useEffect(() => {
    if (hasMore && last !== undefined && last.index + 40 > rows.length) onEnd();
  }, [hasMore, last?.index, rows.length]);

  const goTo = (index: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[target];
    if (row === undefined) return;
    active.value = row.key;
    if (open !== undefined) onOpen(row, { byKey: false });
    virtual.scrollToIndex(target, { align: 'auto' });
  };
  const press = (event: KeyboardEvent) => {
    const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
    const target = targetOf(event.key, at, Math.max(1, endIndex - startIndex - 2), rows.length);
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
        aria-label="Requests, newest first"
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-activedescendant={at < 0 ? undefined : `row-${at}`}
        onKeyDown={press}
        onClick={click}
      >
        <thead>
          <tr aria-rowindex={1}>
            {Object.entries(COLUMNS).map(([name, title]) => (
              <th scope="col" class={`col-${name}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={items[0]?.start ?? 0} />
          {items.map(({ index, key }) => {
            const row = rows[index];
            return (
              row && (
                <RowLine key={key} row={row} index={index} isActive={index === at} isOpen={row.key === open?.key} />
              )
            );
          })}
          <Space height={last === undefined ? 0 : virtual.getTotalSize() - last.end} />
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

/** Extra rows above and below those in view, so that fast scrolling shows no gaps. */
const OVERSCAN = 8;

/** Decides which rows are drawn, and where. New rows above do not move the rows in view, unless the top is in view. */
function useVirtualRows(frame: RefObject<HTMLDivElement | null>, rows: readonly Row[]) {
  const [, draw] = useReducer((round: number) => round + 1, 0);
  const size = useSignal({ row: 32, head: 32 });
  const virtual = useRef<Virtualizer<HTMLDivElement, HTMLTableRowElement> | undefined>(undefined);
  const { row, head } = size.value;
  const options = useMemo(
    () => ({
      count: rows.length,
      getScrollElement: () => frame.current,
      estimateSize: () => row,
      getItemKey: (index: number) => rows[index]?.key ?? index,
      overscan: OVERSCAN,
      scrollPaddingEnd: head,
      anchorTo: (virtual.current?.scrollOffset ?? 0) < row ? ('start' as const) : ('end' as const),
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => draw(undefined),
    }),
    [rows, row, head],
  );
  virtual.current ??= new Virtualizer(options);
  const current = virtual.current;
  useMemo(() => current.setOptions(options), [options]); // Runs before the rows are drawn, to keep those in view in place.
  useLayoutEffect(() => current._didMount(), []);
  useLayoutEffect(() => current._willUpdate());
  useEffect(() => {
    const element = frame.current;
    const watcher = new ResizeObserver(() => {
      const tall = element?.querySelector<HTMLElement>('tr[data-index]')?.offsetHeight;
      if (tall) size.value = { row: tall, head: element?.querySelector('thead')?.offsetHeight ?? 0 };
    });
    if (element !== null) watcher.observe(element);
    return () => watcher.disconnect();
  }, [rows.length > 0]);
  useEffect(() => current.measure(), [row]);
  return current;
}

function Space({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    <tr class="space" style={{ height: `${height}px` }}>
      <td colSpan={Object.keys(COLUMNS).length} />
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
  const { attribution, request, response } = row.record;
  const cluster = clusterText(row.record);
  const { namespace } = request ?? {};
  return (
    <>
      <td class="col-time">{row.at === undefined ? 'unknown time' : formatTime(row.at, 'row')}</td>
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
          <Name kind="namespace" of={namespace} within={{ cluster }} isTabSkipped />
        )}
      </td>
      <td class="col-cluster">{cluster !== '' && <Name kind="cluster" of={cluster} isTabSkipped />}</td>
      <td class="col-code">{response?.code}</td>
      <td class="col-notes" title={attribution.flags.join(', ')}>
        {remarksOf(row).map(({ word, tone }) => (
          <span class={`tag tag-${tone}`}>{word}</span>
        ))}
      </td>
    </>
  );
}

/** The actor, as in the tables of the command line, with a link to their page. */
function WhoCell({ row: { record } }: { readonly row: Row }) {
  const who = whoColumn(record);
  const { name, id = '' } = record.attribution.actor ?? {};
  if (who === '?') return <UnnamedCaller of={record} />;
  if (name === undefined || !who.startsWith(name)) return <Text of={who} />;
  const rest = who.slice(name.length);
  const isApart = rest.startsWith(' '); // `Text` escapes a space at the start.
  return (
    <>
      <ActorLink id={id} name={name} isTabSkipped />
      {isApart && ' '}
      {rest !== '' && <Text of={isApart ? rest.slice(1) : rest} />}
    </>
  );
}

/** An unidentified caller. Its username is not proof of a name, so it is not bold. */
function UnnamedCaller({ of: { caller } }: { readonly of: Row['record'] }) {
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

interface Remark {
  readonly word: string;
  readonly tone: 'wrong' | 'doubt' | 'plain';
}

const GRAVE_WORDS: Readonly<Record<GraveKind, string>> = {
  'secrets-read': 'secrets',
  exec: 'exec',
  delete: 'delete',
  denied: 'denied',
  'token-request': 'token',
  'token-use': 'token used',
  'rbac-change': 'RBAC',
  'workload-created': 'created',
  'workload-changed': 'changed',
  impersonation: 'impersonation',
  'anonymous-read': 'anonymous read',
  'anonymous-change': 'anonymous change',
  'dry-run': 'dry run',
};

/** Words that say the same as a status, so that no remark needs them. */
const STATUS_WORDS: ReadonlySet<string> = new Set(['ambiguous', 'partial', 'pending', 'nobody', 'denied']);

/** Returns the remarks of a row, the gravest first. */
function remarksOf({ record, stages, isCorrected }: Row): readonly Remark[] {
  const notable = notableWords(record).filter((word) => !STATUS_WORDS.has(word));
  return [
    ...(isDenied(record) ? [{ word: 'denied', tone: 'wrong' } as const] : []),
    ...notable.map((word): Remark => ({ word, tone: word === 'forged' ? 'wrong' : 'doubt' })),
    ...graveKindsOf(record)
      .filter((kind) => kind !== 'denied')
      .map((kind): Remark => ({ word: GRAVE_WORDS[kind], tone: 'plain' })),
    ...(isCorrected ? [{ word: 'corrected', tone: 'doubt' } as const] : []),
    ...(stages.length > 1 ? [{ word: `${stages.length} stages`, tone: 'plain' } as const] : []),
  ];
}
