import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { clusterInFull } from '../../../../lib/identity/cluster.ts';
import type { RecordsAnswer } from '../../core/answers.ts';
import type { Params } from '../../core/api.ts';
import { countedTotal } from '../../core/bins.ts';
import { leavesOutSystem, questionNames, systemSwitch } from '../../core/filters.ts';
import { MOST_REQUESTS } from '../../core/incident.ts';
import { bindKeys, focusOn } from '../../core/keys.ts';
import { change, place } from '../../core/place.ts';
import { useQuery } from '../../core/query.ts';
import { range, setLive, setRange } from '../../core/range.ts';
import { type Row, Rows } from '../../core/rows.ts';
import { type LoadState, loadedWords } from '../../core/spans.ts';
import { AddToIncident, Problem } from '../../parts/blocks.tsx';
import { Chart, useCounts } from './chart.tsx';
import { ClusterChanges } from './cluster-changes.tsx';
import { Chips, FacetList } from './filters.tsx';
import { openOf, type Progress, type Reading, rowOf, useReading } from './reading.ts';
import { RowDetails } from './row-details.tsx';
import { RowsTable } from './rows-table.tsx';

/** All requests in the time range, newest first. */
export function Timeline() {
  const { params } = place.value;
  const { reading, again } = useReading({ filters: filterParams(params), range: range.value });
  if (reading === undefined) return <p class="busy">Loading…</p>;
  return <Reader reading={reading} again={again} />;
}

/** Returns the API's parameters without the times. */
function filterParams(params: URLSearchParams): Params {
  const filters = [...params].filter(([name]) => questionNames.has(name) && name !== 'noSystem');
  return leavesOutSystem(params) ? [...filters, ['noSystem', 'true']] : filters;
}

function Reader({ reading, again }: { readonly reading: Reading; again(): void }) {
  const progress = reading.progress.value;
  const { version, cursor, problem, wasFull, isBusy, isKnown } = progress;
  const takesFocus = useSignal(false);
  const rows = useMemo(() => [...reading.rows.all], [reading, version]);
  const open = useOpen(rows);
  const show = (row: Row | undefined, { byKey }: { readonly byKey: boolean }) => {
    takesFocus.value = byKey;
    change({ open: row === undefined ? null : openOf(row) }, { replacing: true });
    if (row === undefined && byKey) focusRows();
  };
  useEffect(() => bindKeys({ r: focusRows }), []);
  const more = () => void reading.more();
  const span = range.value;
  const unread = reading.unreadIn(span);
  const counts = useCounts(isKnown && unread.length > 0);
  const loaded = {
    requests: rows.length,
    records: useMemo(() => rows.reduce((sum, { stages }) => sum + stages.length, 0), [rows]),
    isComplete: unread.length === 0,
    counted: useMemo(() => counts && countedTotal(counts, span), [counts]),
  };
  const isCounted = loaded.counted !== undefined && loaded.counted.total >= loaded.records; // Otherwise, the counts are behind.
  return (
    <section class={open === undefined ? 'timeline' : 'timeline has-open'} aria-busy={isBusy}>
      <Head />
      <Chart
        rows={rows}
        counts={reading.counts}
        unread={unread}
        counted={isCounted ? counts : undefined}
        scope={scopeOf(loaded, progress)}
      />
      <ClusterChanges />
      <FacetList counts={reading.counts} basis={scopeOf(loaded, progress)} onSkip={focusRows} />
      <div class="timeline-rows">
        {rows.length === 0 && <NoRows progress={progress} />}
        {rows.length > 0 && (
          <RowsTable
            rows={rows}
            hasMore={cursor !== undefined}
            open={open}
            onOpen={show}
            onEnd={() => wasFull && problem === undefined && more()}
          />
        )}
        {problem !== undefined && <Problem of={problem} again={more} />}
        <Foot rows={rows} loaded={loaded} progress={progress} onMore={more} onReload={again} />
      </div>
      {open !== undefined && (
        <RowDetails row={open} takesFocus={takesFocus.value} onClose={() => show(undefined, { byKey: true })} />
      )}
    </section>
  );
}

/** Returns the scope of the numbers beside the rows. */
function scopeOf(loaded: LoadState, { isKnown, problem }: Progress): string {
  if (isKnown) return loadedWords(loaded);
  return problem === undefined ? 'Loading…' : 'Not loaded';
}

/** Moves the focus to the rows, past some forty filters. */
function focusRows(): void {
  focusOn('#rows');
}

/** Returns the row that is open by the address. Loads it if it is not among the rows. */
function useOpen(rows: readonly Row[]): Row | undefined {
  const open = place.value.params.get('open') ?? '';
  const read = useMemo(() => rowOf(rows, open), [rows, open]);
  const isElsewhere = open !== '' && read === undefined;
  const { answer } = useQuery<RecordsAnswer>('/records', isElsewhere ? questionOf(open) : undefined);
  return useMemo(() => {
    if (!isElsewhere) return read;
    const found = new Rows();
    found.add(answer?.records ?? [], 'below');
    return rowOf(found.all, open);
  }, [read, isElsewhere, answer, open]);
}

function questionOf(open: string): Params {
  const [time = '', ...id] = open.split(' ');
  const auditId = ['auditId', id.join(' ')] as const;
  return time === '' ? [auditId] : [auditId, ['from', time], ['to', time]];
}

function Head() {
  const { params } = place.value;
  const isLive = range.value.last !== undefined;
  const hidesSystem = leavesOutSystem(params);
  return (
    <div class="head">
      <h1>Timeline</h1>
      <Chips />
      <label class="check">
        <input
          type="checkbox"
          checked={!hidesSystem}
          disabled={params.getAll('status').includes('system')}
          onChange={() => change(systemSwitch(params))}
        />
        Show system requests
      </label>
      <button
        type="button"
        aria-pressed={isLive}
        title={isLive ? 'Following new requests. Click to stop' : 'Follow new requests (n)'}
        onClick={() => (isLive ? setRange(range.value) : setLive())}
      >
        <span class="live-dot" />
        Live
      </button>
    </div>
  );
}

/** The text that replaces the rows if there are none. */
function NoRows({ progress: { isBusy, isKnown, cursor, problem, examined } }: { readonly progress: Progress }) {
  if (problem !== undefined) return null;
  if (isBusy || !isKnown) return <p class="busy">Loading…</p>;
  return (
    <div class="empty">
      <p>
        {cursor === undefined
          ? `No matching requests in this time range (${examined.toLocaleString()} records scanned). Choose another time range, or remove a filter.`
          : `No matching requests in the ${examined.toLocaleString()} records scanned so far.`}
      </p>
      {leavesOutSystem(place.value.params) && (
        <button type="button" onClick={() => change(systemSwitch(place.value.params))}>
          Show system requests
        </button>
      )}
    </div>
  );
}

interface FootProps {
  readonly rows: readonly Row[];
  readonly loaded: LoadState;
  readonly progress: Progress;
  onMore(): void;
  onReload(): void;
}

/** Returns which requests the button adds to the report, in words. */
function whichOf({ requests, isComplete }: LoadState, { isByTime }: Progress): string {
  if (requests > MOST_REQUESTS) return isByTime ? 'the newest' : 'the first';
  return isComplete ? 'all' : 'the loaded';
}

/** Returns which requests are not loaded, in words. */
function restWords({ isComplete }: LoadState, { cursor, isByTime }: Progress): string {
  if (isComplete) return ' in this time range. ';
  if (cursor === undefined) return '; some newer ones are not. ';
  return isByTime ? '; older ones are not. ' : '; others are not. ';
}

/** How much is loaded, with buttons to load more and to add requests to the report. Empty until the first answer. */
function Foot({ rows, loaded, progress, onMore, onReload }: FootProps) {
  const { isKnown, cursor, examined, isBusy, gap, clusters, note } = progress;
  const newest = useMemo(() => rows.slice(0, MOST_REQUESTS).map(({ record }) => record), [rows]);
  if (!isKnown) return null;
  return (
    <p class="foot">
      {loadedWords(loaded)}
      {restWords(loaded, progress)}
      {leavesOutSystem(place.value.params) &&
        'System requests are hidden: those of the cluster and AWS, and denied anonymous ones. '}
      {clusters.length > 0 && `The name means ${clusters.length} clusters: ${clusters.map(clusterInFull).join(', ')}. `}
      {note !== undefined && `${note} `}
      {examined > loaded.records && `${examined.toLocaleString()} records scanned. `}
      {isBusy && 'Loading…'}
      {!isBusy && cursor !== undefined && (
        <button type="button" class="plain" onClick={onMore}>
          Load more
        </button>
      )}
      {newest.length > 0 && (
        <>
          {' '}
          <AddToIncident
            of={newest}
            label={`Add ${whichOf(loaded, progress)} ${newest.length.toLocaleString()} to incident`}
          />
        </>
      )}
      {gap !== undefined && (
        <>
          {' '}
          Some new requests are missing here.{' '}
          <button type="button" class="plain" onClick={onReload}>
            Reload
          </button>
        </>
      )}
    </p>
  );
}
