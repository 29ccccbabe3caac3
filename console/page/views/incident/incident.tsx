import { useMemo } from 'preact/hooks';
import { markdownDocument } from '../../../../lib/words/markdown.ts';
import { csvHeader, csvRecord } from '../../../../lib/words/record-csv.ts';
import { MOST_COLLECTED, NOTHING_COLLECTED, withoutRow } from '../../core/collected.ts';
import { download } from '../../core/download.ts';
import { changeIncident, collected, isKept } from '../../core/incident.ts';
import { type CollectedReport, reportBlocks, reportOf, requestsBlocks } from '../../core/incident-report.ts';
import { href, place } from '../../core/place.ts';
import { Document } from '../../parts/document.tsx';
import { Asked } from './asked.tsx';

/** Requests that somebody collected, as a report for a ticket. Nothing of it leaves the browser but by a click. */
export function Incident() {
  const { records } = collected.value;
  const report = useMemo(() => reportOf(collected.value), [collected.value]);
  const q = place.value.params.get('q') ?? '';
  return (
    <section class="page incident">
      <header class="head no-print">
        <h1>Incident</h1>
        <p class="aside">
          {isKept.value
            ? 'Kept in this tab of your browser alone, until it is closed.'
            : 'This browser keeps nothing more: save it before you reload or close the page.'}
        </p>
        {records.length > 0 && <Actions of={report} />}
      </header>
      {q !== '' && <Asked key={q} q={q} />}
      {records.length === 0 ? <Empty /> : <Report of={report} />}
    </section>
  );
}

function Empty() {
  return (
    <div class="empty">
      <p>Nothing is collected yet.</p>
      <p>
        Open a request in the <a href={href('timeline')}>timeline</a> and add it: who was behind it, by which session
        and key, and how certain that is, stand here as a report to be saved, printed or pasted into a ticket.
      </p>
    </div>
  );
}

function Report({ of: report }: { readonly of: CollectedReport }) {
  return (
    <>
      <form class="incident-words no-print" onSubmit={(event) => event.preventDefault()}>
        <label>
          Title
          <input
            value={report.title}
            placeholder="Incident report"
            onInput={(event) => setWords({ title: event.currentTarget.value })}
          />
        </label>
        <label>
          Comment
          <textarea
            rows={3}
            value={report.comment}
            placeholder="What happened, and what was done about it"
            onInput={(event) => setWords({ comment: event.currentTarget.value })}
          />
        </label>
      </form>
      <article class="card report" aria-label="The report">
        <Document of={reportBlocks(report)} />
        <Document of={requestsBlocks(report)} onTakeOut={(row) => changeIncident((now) => withoutRow(now, row))} />
        {report.records.length >= MOST_COLLECTED && (
          <p class="busy">A report holds {MOST_COLLECTED.toLocaleString()} requests: there is no room for more.</p>
        )}
      </article>
    </>
  );
}

function setWords(words: { readonly title: string } | { readonly comment: string }): void {
  changeIncident((now) => ({ ...now, ...words }));
}

const FORMATS: readonly (readonly [
  name: string,
  ending: string,
  type: string,
  of: (report: CollectedReport) => string,
])[] = [
  [
    'Markdown',
    'md',
    'text/markdown',
    (report) => markdownDocument([...reportBlocks(report), ...requestsBlocks(report)]),
  ],
  ['JSON', 'json', 'application/json', (report) => `${JSON.stringify(report, undefined, 2)}\n`],
  ['CSV', 'csv', 'text/csv', ({ records }) => csvHeader() + records.map(csvRecord).join('')],
];

function Actions({ of: report }: { readonly of: CollectedReport }) {
  const name = `incident-${report.window?.from.slice(0, 10) ?? 'report'}`;
  const empty = () => {
    if (confirm('Take all requests out, with the title and the comment?')) changeIncident(() => NOTHING_COLLECTED);
  };
  return (
    <div class="incident-actions">
      <span class="group">
        {FORMATS.map(([format, ending, type, of]) => (
          <button
            type="button"
            title={`Save as ${format}`}
            onClick={() => download(`${name}.${ending}`, type, of(report))}
          >
            {format}
          </button>
        ))}
        <button type="button" onClick={() => print()}>
          Print
        </button>
      </span>
      <button type="button" class="plain" onClick={empty}>
        Empty
      </button>
    </div>
  );
}
