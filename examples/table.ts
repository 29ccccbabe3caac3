import { kindWords } from '../lib/words/kind-words.ts';
import type { Expectation } from './day.ts';

/* Writes the README's table of answers between two marks. The text around it is written by hand. */

const BEGIN = '<!-- answers: written by generate.ts -->';
const END = '<!-- end of answers -->';

export function withAnswers(readme: string, expectations: readonly Expectation[]): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the README lacks the marks "${BEGIN}" and "${END}"`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${table(expectations)}\n\n${readme.slice(end)}`;
}

/** Returns the table: events of the cluster itself as one line for each kind of caller, all others one by one. */
function table(expectations: readonly Expectation[]): string {
  const answered = expectations.filter(({ status }) => status !== 'system');
  const rows = answered.toSorted(byTime).map(row);
  const noise = Map.groupBy(
    expectations.filter(({ status }) => status === 'system'),
    ({ shows }) => shows,
  );
  return [
    ...aligned(['time (UTC)', 'cluster', 'auditID', 'what it shows', 'status, method', 'actor', 'flags'], rows),
    '',
    'The other events have the status `system`:',
    '',
    ...aligned(
      ['events', 'caller'],
      [...noise].map(([shows, events]) => [String(events.length), shows]),
    ),
  ].join('\n');
}

/** Returns the lines of a table whose columns are as wide as their widest cell. */
function aligned(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

function byTime(a: Expectation, b: Expectation): number {
  return a.time.localeCompare(b.time) || b.stage.localeCompare(a.stage);
}

function row(expected: Expectation): string[] {
  const { time, cluster, auditId, stage, shows, flags } = expected;
  const started = stage === 'ResponseStarted' ? ' (ResponseStarted)' : '';
  return [
    time.slice(11, 19),
    cluster ?? '(none named)',
    `\`${auditId}\`${started}`,
    shows,
    verdict(expected),
    actor(expected),
    flags.map((flag) => `\`${flag}\``).join(', '),
  ];
}

function verdict({ status, method, reason }: Expectation): string {
  return [status, method, reason && `(${reason})`].filter(Boolean).join(' ');
}

function actor({ actorKind, actorName, candidates, workload, sourceIdentity }: Expectation): string {
  if (candidates) return candidates.map((name) => `**${name}**?`).join(' or ');
  if (!actorKind) return 'unidentified';
  const named = actorName ? `**${actorName}**` : 'no name';
  const about = [kindWords(actorKind), workload, sourceIdentity && `source identity ${sourceIdentity}`].filter(Boolean);
  return `${named} (${about.join(', ')})`;
}
