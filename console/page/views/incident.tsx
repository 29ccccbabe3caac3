import { useMemo } from 'preact/hooks';
import { operand } from '../../../lib/shell.ts';
import { epochMillis } from '../../../lib/time.ts';
import { markdownDocument } from '../../../lib/words/markdown.ts';
import { csvHeader, csvRecord } from '../../../lib/words/record-csv.ts';
import type { AnythingBody, RecordsAnswer } from '../core/answers.ts';
import { changeDraft, EMPTY_DRAFT, incidentDraft, isStored, MOST_REQUESTS, withoutRow } from '../core/incident.ts';
import { useIncidentFacts } from '../core/incident-facts.ts';
import { type DraftReport, reportBlocks, reportOf, requestsBlocks } from '../core/incident-report.ts';
import { href, place } from '../core/place.ts';
import { type QueryState, useQuery } from '../core/query.ts';
import { AddToIncident, Problem } from '../parts/blocks.tsx';
import { Document } from '../parts/document.tsx';
import { Copy, Text } from '../parts/text.tsx';

/** The report of the collected requests, for a ticket. It leaves the browser only if the user saves or prints it. */
export function Incident() {
  const { records } = incidentDraft.value;
  const facts = useIncidentFacts(records);
  const report = useMemo(
    () => reportOf(incidentDraft.value, facts, epochMillis(Date.now())),
    [incidentDraft.value, facts],
  );
  const q = place.value.params.get('q') ?? '';
  return (
    <section class="page incident">
      <header class="head no-print">
        <h1>Incident</h1>
        <p class="aside">
          {isStored.value
            ? 'Stored only in this browser tab, until you close it.'
            : "This browser can't store the report. Save it before you reload or close the page."}
        </p>
        {records.length > 0 && <Actions of={report} />}
      </header>
      {q !== '' && <RequestOffer key={q} q={q} />}
      {records.length === 0 ? <Empty /> : <Report of={report} />}
    </section>
  );
}

function Empty() {
  return (
    <div class="empty">
      <p>This report has no requests yet.</p>
      <p>
        Open a request in the <a href={href('timeline')}>timeline</a> and add it. The report shows who made each
        request, with which session and access key, and how certain that is. Save it, print it, or paste it into a
        ticket.
      </p>
    </div>
  );
}

function Report({ of: report }: { readonly of: DraftReport }) {
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
            placeholder="What happened, and how you responded"
            onInput={(event) => setWords({ comment: event.currentTarget.value })}
          />
        </label>
      </form>
      <article class="card report" aria-label="Incident report">
        <Document of={reportBlocks(report)} />
        <Document of={requestsBlocks(report)} onRemove={(row) => changeDraft((now) => withoutRow(now, row))} />
        {report.records.length >= MOST_REQUESTS && (
          <p class="busy">This report is full. It can have {MOST_REQUESTS.toLocaleString()} requests at most.</p>
        )}
      </article>
    </>
  );
}

function setWords(words: { readonly title: string } | { readonly comment: string }): void {
  changeDraft((now) => ({ ...now, ...words }));
}

const FORMATS: readonly (readonly [name: string, ending: string, type: string, of: (report: DraftReport) => string])[] =
  [
    [
      'Markdown',
      'md',
      'text/markdown',
      (report) => markdownDocument([...reportBlocks(report), ...requestsBlocks(report)]),
    ],
    ['JSON', 'json', 'application/json', (report) => `${JSON.stringify(report, undefined, 2)}\n`],
    ['CSV', 'csv', 'text/csv', ({ records }) => csvHeader() + records.map(csvRecord).join('')],
  ];

function Actions({ of: report }: { readonly of: DraftReport }) {
  const name = `incident-${report.window?.from.slice(0, 10) ?? 'report'}`;
  const empty = () => {
    if (confirm('Remove all requests, the title and the comment?')) changeDraft(() => EMPTY_DRAFT);
  };
  return (
    <div class="incident-actions">
      <span class="aside">Save as</span>
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
        Clear report
      </button>
    </div>
  );
}

/** Offers the requests of a search, from which the user came, for the report. */
function RequestOffer({ q }: { readonly q: string }) {
  const who = useQuery<AnythingBody>('/whois', [['q', q]]);
  const answers = who.answer === undefined ? [] : 'answers' in who.answer ? who.answer.answers : [who.answer];
  const ids = [...new Set(answers.flatMap(({ request }) => request?.auditId ?? []))];
  const records = useQuery<RecordsAnswer>(
    '/records',
    ids.length === 0 ? undefined : [...ids.map((id) => ['auditId', id] as const), ['limit', '1000']],
  );
  const found = records.answer?.records ?? [];
  return (
    <div class="card incident-offer no-print" aria-busy={who.isBusy || records.isBusy}>
      <p>
        <b>
          <Text of={answers[0]?.subject ?? q} />
        </b>
      </p>
      {found.length > 0 && <AddToIncident of={found} />}
      {found.length === 0 && <WithoutRequest who={who} records={records} />}
      <p class="busy">
        For the full report, with everything that the person did around that time, run{' '}
        <Copy of={`eks-whois incident ${operand(q)}`} />
      </p>
    </div>
  );
}

interface WithoutRequestProps {
  readonly who: QueryState<unknown>;
  readonly records: QueryState<unknown>;
}

/**
 * Waits for both queries, then says that no recorded request belongs to the search. Status 404 means that nothing was
 * found. Any other failure is shown instead.
 */
function WithoutRequest({ who, records }: WithoutRequestProps) {
  const [failed] = [who, records].filter(({ problem }) => problem !== undefined && problem.status !== 404);
  if (failed?.problem !== undefined) return <Problem of={failed.problem} again={failed.again} />;
  if (who.isBusy || records.isBusy) return <p class="busy">Loading…</p>;
  return (
    <p class="busy">
      No recorded request belongs to this search. Find the requests in the <a href={href('timeline')}>timeline</a> and
      add them there.
    </p>
  );
}

/** Saves a text as a file. The browser creates the file; nothing is sent. */
function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
