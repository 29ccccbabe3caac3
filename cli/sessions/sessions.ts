import { Command, Option } from 'commander';
import { FLAGS, type Flag, FORGED_FLAGS } from '../../lib/attribution/flags.ts';
import { REASON_ROWS, REASONS } from '../../lib/attribution/reasons.ts';
import { LISTED_STATUSES, type ListedStatus } from '../../lib/claims/claim.ts';
import { clusterLabels } from '../../lib/identity/cluster.ts';
import { parseUid } from '../../lib/identity/uid.ts';
import { type JsonObject, objectAt, present, textAt, textsAt } from '../../lib/json.ts';
import { type EpochMillis, parseInstant } from '../../lib/time.ts';
import { requestsIn } from '../../lib/usecases/activity/requests.ts';
import { cursorPages } from '../../lib/usecases/query/pages.ts';
import { labelInWords } from '../../lib/words/kind-words.ts';
import { wholeNamesText } from '../../lib/words/whole-names.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { type RecordsAccess, type RecordsPlace, recordsAccess } from '../access/files-access.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { type Field, fieldsNamed, fieldsText } from '../format/fields.ts';
import { briefTime, type Clock, shownTime } from '../format/shown-time.ts';
import { isStructured, structuredText } from '../format/structured.ts';
import { legendText } from '../format/table.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { asksFiles, FILES_TOPIC, withFiles } from '../options/files-options.ts';
import { type OutputOptions, withOutput } from '../options/output-options.ts';
import type { Places } from '../options/place-words.ts';
import { type QuestionOptions, questionFrom, questionText } from '../options/question-options.ts';
import { SERVICE_TOPIC, wholeOf, withService } from '../options/service-options.ts';
import {
  checkFields,
  cutText,
  type LimitOptions,
  listFieldsTopic,
  shownRows,
  withOrder,
} from '../options/shown-options.ts';
import {
  instantRangeOf,
  type RangeOptions,
  type RangeText,
  rangeOf,
  rangeText,
  withRange,
} from '../options/time-range.ts';
import { TIME_TOPIC } from '../options/times.ts';
import { resultsTo, VIEW_TOPIC, type ViewOptions, viewOf, withView } from '../options/view-options.ts';
import { noteCandidates } from '../records/answer.ts';
import { emptyWords } from '../records/empty-answer.ts';
import {
  BY_OWN_SESSION,
  BY_SESSION,
  fieldsOfGroups,
  GROUP_FORMATS,
  type GroupFormat,
  groupsText,
  keyOfFlaggedSession,
  keyOfSession,
  RecordGroups,
} from '../records/groups/record-groups.ts';
import { notePeople } from '../records/people-text.ts';
import { ReadPages } from '../records/read.ts';
import type { Tone } from '../terminal/colour.ts';
import { fittedTable, losing, type Column as TableColumn } from '../terminal/fitted-table.ts';
import { written } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import { withPlaces } from '../whois/command-texts.ts';

/** Defines `eks-whois sessions`. */
export function sessionsCommand(): Command {
  const command = refuseEmptyValues(new Command('sessions'))
    .summary('sessions that are unidentified or forged, or those of a person or role')
    .description(
      'Lists the sessions that are unidentified, ambiguous, pending or partial: who each claims to be, how often and when it was ' +
        'seen, and why its actor is not known. --forged and --flag list sessions by their flags. --actor and --role list all ' +
        'sessions of a person or role.',
    )
    .optionsGroup(GROUPS.filters)
    .addOption(new Option('--status <status>', 'only sessions with this status').choices(LISTED_STATUSES))
    .option(
      '--forged',
      'sessions that use the name of another user, a node or EKS, or were matched by a name that the caller chose',
    )
    .addOption(new Option('--flag <flag...>', 'sessions with one of these flags').choices(FLAGS))
    .option('--actor <actor...>', 'all sessions of this actor: name, email, ARN or principal ID')
    .option('--role <role...>', 'all sessions of this role: ARN, name or ID')
    .option('--cluster <name...>', 'only in this cluster. Works only with --forged, --flag, --actor or --role')
    .option('-n, --namespace <name...>', 'only in this namespace. Works only with --forged, --flag, --actor or --role')
    .option('--session <session...>', 'only this session. Works only with --forged, --flag, --actor or --role');
  withOrder(withRange(withFiles(command)))
    .optionsGroup(GROUPS.output)
    .option('--limit <number>', 'at most this many sessions (default: all)', wholeOf);
  withOutput(command, {
    says: 'how to write the sessions',
    formats: GROUP_FORMATS,
    unless: 'table',
  });
  return withHelp(withService<SessionsOptions>(withView(command), asksFiles), HELP).action((options: SessionsOptions) =>
    sessionsAction(options),
  );
}

/** The maximum number of pages that are read from a service if only flags are given. No index leads to flags. */
const MOST_PAGES = 100;

const HELP: CommandHelp = {
  common: [
    '--status',
    '--forged',
    '--flag',
    '--actor',
    '--role',
    '--cluster',
    '--namespace',
    '--since',
    '--from',
    '--to',
    '--audit',
    '--cloudtrail',
    '--api',
    '--table',
    '--service',
    '--output',
    '--output-file',
  ],
  topics: [
    {
      heading: 'Columns:',
      text: `
A row is a session: one uid, username, session name and access key. SESSION is a value for records --session, or for --key if
it is an access key. -o wide adds KEY and UID. COUNT is the number of requests when the service last counted them. It is
empty for a new session. WHY has the reasons (docs/record.md), or the candidates.

With a time range, a session is listed if its time from FIRST to LAST overlaps the range. It may have been used before and after
the range but not in it, because the service keeps no other times of a session. To list what was done within the
range, use records --status … --from … --to …`,
    },
    {
      heading: 'Sessions by flag, actor or role:',
      text: `
--forged is short for --flag ${FORGED_FLAGS.join(' ')}. The service keeps no list of
flags, actors or roles, so it reads records. Without a time range, a cluster, a namespace, an actor, a session or a status, it
reads the newest ${MOST_PAGES} pages at most. Standard error says what was read, and whether there is more. Files (--audit) are
read as a whole. A row is then a session with what it did.`,
    },
    listFieldsTopic(['status', 'session', 'username', 'count', 'first', 'last', 'clusters', 'namespaces', '…']),
    FILES_TOPIC,
    TIME_TOPIC,
    VIEW_TOPIC,
    SERVICE_TOPIC,
  ],
  examples: [
    {
      asks: 'Which sessions are unidentified, and why?',
      command: 'eks-whois sessions --status unattributed --since 7d',
    },
    {
      asks: 'Who acted under a name that is not theirs?',
      command: 'eks-whois sessions --forged --cluster prod --since 24h',
    },
    { asks: 'Which sessions did Alice have this week?', command: 'eks-whois sessions --actor alice --since 7d' },
    {
      asks: 'Which sessions in these files are unidentified?',
      command: 'eks-whois sessions --status unattributed --audit audit/ --cloudtrail AWSLogs/',
    },
    { asks: 'All of them, for a program:', command: 'eks-whois sessions --table eks-whois-prod -o jsonl' },
    {
      asks: 'When did Alice use the role of a node? For a spreadsheet.',
      command: 'eks-whois sessions --flag node-role-used-by-person --actor alice -o csv',
    },
  ],
  exitStatus: '0 done; 1 failed; 2 wrong usage; 3 the name given to --actor means several people.',
};

/** The filters by owner. With one of them, sessions come from records, not from claims. */
const OWNERS = ['actor', 'role'] as const;
const ONLY_RECORDS = ['cluster', 'namespace', ...OWNERS, 'session'] as const;
const RECORDS = [...ONLY_RECORDS, 'status', 'since', 'from', 'to'] as const;

async function sessionsAction(options: SessionsOptions): Promise<void> {
  const flags = new Set([...(options.flag ?? []), ...(options.forged === true ? FORGED_FLAGS : [])]);
  const range = rangeOf(options);
  await checkSignIn(options);
  if (flags.size > 0 || OWNERS.some((name) => options[name] !== undefined)) return flaggedAction(options, flags, range);
  const alone = ONLY_RECORDS.filter((name) => options[name] !== undefined).map((name) => `--${name}`);
  if (alone.length > 0)
    throw wrongUsage(
      `${alone.join(' and ')} works only with --actor, --role, --forged or --flag. Add one of these, or use records.`,
    );
  checkFields(options, SESSION_FIELDS);
  const all = await sessionRows(await recordsAccess(options), options.status);
  const found = all.filter(reachesInto(range));
  const rows = shownRows(found, options, SESSION_FIELDS);
  await written(sessionsText(rows, options), resultsTo(options));
  process.stderr.write(`${counted(rows.length, 'session')}${cutText(rows, found)}\n`);
  if (found.length === 0 && all.length > 0) note(otherTimes(all));
}

/** Returns the note for an empty answer with a time range: how many sessions are outside of it. */
function otherTimes(rows: readonly JsonObject[]): string {
  const times = rows.flatMap((row) => textAt(row, 'last') ?? []);
  const newest = times.toSorted((a, b) => Number(parseInstant(a) ?? 0) - Number(parseInstant(b) ?? 0)).at(-1);
  return `No sessions in this time range. The newest of ${counted(rows.length, 'session')} outside it was last seen at ${newest ?? 'an unknown time'}.`;
}

/** The largest page that the API accepts. */
const LARGEST_PAGE = 1_000;

/**
 * Returns the rows of all pages. If a session comes twice, the later row counts.
 */
export async function sessionRows(
  service: RecordsAccess,
  status: ListedStatus | undefined,
): Promise<readonly JsonObject[]> {
  const rows = new Map<unknown, JsonObject>();
  for await (const page of cursorPages((cursor) => service.sessions({ status, cursor, limit: LARGEST_PAGE })))
    for (const row of page.sessions) rows.set(textAt(row, 'id') ?? row, row);
  return [...rows.values()];
}

/**
 * Returns a test for rows. It passes rows whose time from the first to the last event overlaps the range. A row without
 * times passes only if no range is given.
 */
function reachesInto({ from, to }: { from?: string; to?: string }): (row: JsonObject) => boolean {
  const [begin, end] = [from, to].map(instantOf);
  return (row) => {
    const [first, last] = [instantOf(textAt(row, 'first')), instantOf(textAt(row, 'last'))];
    const reachesIn = begin === undefined || (last !== undefined && last >= begin);
    return reachesIn && (end === undefined || (first !== undefined && first <= end));
  };
}

function instantOf(text: string | undefined): EpochMillis | undefined {
  return text === undefined ? undefined : parseInstant(text);
}

function sessionsText(rows: readonly JsonObject[], options: SessionsOptions): string {
  const { format, fields } = options;
  const view = viewOf(options);
  if (fields !== undefined) return fieldsText(rows, fieldsNamed(fields, SESSION_FIELDS), format, view);
  if (isStructured(format)) return structuredText(format, rows);
  if (format === 'csv') return fieldsText(rows, SESSION_FIELDS, format, view);
  const isWide = format === 'wide';
  const { clock } = view;
  const labels = clusterLabels(rows.flatMap((row) => textsAt(row, 'clusters') ?? []));
  const clusters = (row: JsonObject) =>
    (textsAt(row, 'clusters') ?? []).map((text) => labels.get(text) ?? text).join(' ');
  const shown = COLUMNS.filter(({ onlyWide = false }) => isWide || !onlyWide).flatMap(
    ({
      field,
      title,
      of,
      ofTable = field === 'clusters' ? clusters : of,
      briefly = ofTable,
      least,
      isId,
      tone,
    }): TableColumn<JsonObject>[] => {
      if (title === undefined) return [];
      const column = {
        title,
        of: (row: JsonObject) => ofTable(row, clock),
        brief: (row: JsonObject) => briefly(row, clock),
      };
      return [present<TableColumn<JsonObject>>({ ...column, least, isId, tone })];
    },
  );
  return fittedTable(losing(shown, ...LOST), rows, view) + legendText(reasonsExplained(rows), view);
}

/** Explains each reason in the column WHY, which is shown at every width. */
function reasonsExplained(rows: readonly JsonObject[]): readonly string[] {
  const shown = new Set(rows.flatMap((row) => textsAt(row, 'reasons') ?? []));
  return REASONS.filter((reason) => shown.has(reason)).map((reason) => `${reason} = ${REASON_ROWS[reason].why}`);
}

/** The columns to leave out if the screen is narrow, in this order. The session and the reason stay. */
const LOST = ['USERNAME', 'FIRST', 'CLUSTERS', 'COUNT', 'LAST'] as const;

interface Column extends Pick<TableColumn<JsonObject>, 'least' | 'isId' | 'tone'> {
  /** The field in CSV. Absent if only the table has it. */
  readonly field?: string;
  /** The title in the table. Absent if only CSV has it. */
  readonly title?: string;
  /** Whether only the wide table has it. */
  readonly onlyWide?: boolean;
  of(row: JsonObject): string;
  /** Returns the text in the table, if it differs from CSV. */
  ofTable?(row: JsonObject, clock: Clock): string;
  briefly?(row: JsonObject, clock: Clock): string;
}

const callerText = (name: string) => (row: JsonObject) => textAt(objectAt(row, 'caller'), name) ?? '';

/** Returns the filter value that finds the session's records: the session, its key, or the username alone. */
function sessionId(row: JsonObject): string {
  const [name, key] = [callerText('sessionName')(row), callerText('accessKeyId')(row)];
  const uid = parseUid(callerText('uid')(row));
  if (name !== '') return uid?.kind === 'role' ? `${uid.roleId}:${name}` : name;
  return key || callerText('username')(row);
}

const statusTone = (row: JsonObject): Tone => (textAt(row, 'status') === 'unattributed' ? 'wrong' : 'doubtful');

/** Returns the reasons. For an ambiguous session, returns the candidates. */
function whyText(row: JsonObject): string {
  const [reasons = [], actors = []] = ['reasons', 'actors'].map((name) => textsAt(row, name));
  const meant =
    textAt(row, 'status') === 'ambiguous' && actors.length > 0
      ? [`one of: ${actors.map(labelInWords).join(', ')}`]
      : [];
  return [...reasons, ...meant].join(' ');
}

const timeAt = (name: string) => ({
  of: (row: JsonObject) => textAt(row, name) ?? '',
  ofTable: (row: JsonObject, clock: Clock) => shownTime(textAt(row, name), clock),
  briefly: (row: JsonObject, clock: Clock) => briefTime(textAt(row, name), clock),
});

const COLUMNS: readonly Column[] = [
  { field: 'status', title: 'STATUS', of: (row) => textAt(row, 'status') ?? '', tone: statusTone },
  {
    field: 'session',
    title: 'SESSION',
    least: 20,
    isId: true,
    of: (row) => callerText('sessionName')(row) || callerText('accessKeyId')(row),
    ofTable: sessionId,
  },
  { field: 'accessKeyId', title: 'KEY', onlyWide: true, of: callerText('accessKeyId') },
  { field: 'uid', title: 'UID', onlyWide: true, of: callerText('uid') },
  { field: 'username', title: 'USERNAME', least: 20, of: callerText('username') },
  { field: 'count', title: 'COUNT', of: ({ count }) => (typeof count === 'number' ? String(count) : '') },
  { field: 'first', title: 'FIRST', ...timeAt('first') },
  { field: 'last', title: 'LAST', ...timeAt('last') },
  { field: 'reasons', of: (row) => (textsAt(row, 'reasons') ?? []).join(' ') },
  { title: 'WHY', least: 24, of: whyText },
  { field: 'clusters', title: 'CLUSTERS', least: 12, of: (row) => (textsAt(row, 'clusters') ?? []).join(' ') },
  {
    field: 'namespaces',
    title: 'NAMESPACES',
    onlyWide: true,
    of: (row) => (textsAt(row, 'namespaces') ?? []).join(' '),
  },
  { field: 'actors', of: (row) => (textsAt(row, 'actors') ?? []).join(', ') },
];

/** Values that are texts in CSV, and numbers or lists in JSON. */
const VALUES: Readonly<Record<string, (row: JsonObject) => unknown>> = {
  count: ({ count }) => (typeof count === 'number' ? count : undefined),
  reasons: (row) => textsAt(row, 'reasons'),
  clusters: (row) => textsAt(row, 'clusters'),
  namespaces: (row) => textsAt(row, 'namespaces'),
  actors: (row) => textsAt(row, 'actors'),
};

const SESSION_FIELDS: readonly Field<JsonObject>[] = COLUMNS.flatMap(({ field, of }) => {
  const value = field === undefined ? undefined : VALUES[field];
  return field === undefined ? [] : [{ name: field, text: of, ...(value !== undefined && { value }) }];
});

interface SessionsOptions
  extends RecordsPlace,
    RangeOptions,
    OutputOptions<GroupFormat>,
    Omit<ViewOptions, 'headers'>,
    LimitOptions {
  readonly status?: ListedStatus;
  readonly flag?: readonly Flag[];
  readonly forged?: boolean;
  readonly cluster?: readonly string[];
  readonly namespace?: readonly string[];
  readonly actor?: readonly string[];
  readonly role?: readonly string[];
  readonly session?: readonly string[];
}

/** The advice for sessions with names that no flag compares: the reader has to compare them. */
const COMPARE_YOURSELF =
  "To compare SESSION with WHO yourself, run eks-whois sessions --role '*' in the same time range.";

/** Returns what an empty answer about these flags leaves open. */
function comparedWords(flags: ReadonlySet<Flag>, options: Places): readonly string[] {
  const words = wholeNamesText(flags);
  return words === undefined ? [] : [withPlaces(`${words} ${COMPARE_YOURSELF}`, options)];
}

/**
 * Writes the sessions with one of these flags, or all sessions of an actor or a role. Notes how many records were
 * scanned.
 */
async function flaggedAction(options: SessionsOptions, flags: ReadonlySet<Flag>, range: RangeText): Promise<void> {
  const { status, cluster, namespace, actor, role, session, since, from, to } = options;
  const place = { cluster, namespace, actor, role, session, since, from, to };
  const isOfFlags = flags.size > 0;
  const question = questionFrom(
    present<QuestionOptions>({ ...place, status: status && [status], flag: isOfFlags ? [...flags] : undefined }),
  );
  const groups = new RecordGroups(isOfFlags ? keyOfFlaggedSession : keyOfSession);
  const columns = isOfFlags ? BY_SESSION : BY_OWN_SESSION;
  const known = fieldsOfGroups(columns);
  checkFields(options, known);
  const service = await recordsAccess(options, instantRangeOf(options));
  const isBare = !asksFiles(options) && RECORDS.every((name) => options[name] === undefined);
  const read = new ReadPages(question, service, isBare ? { maxPages: MOST_PAGES } : {});
  for await (const { record } of requestsIn(read.records())) groups.add(record);
  const found = groups.sorted();
  const rows = shownRows(found, options, known);
  const view = { ...viewOf(options), fields: options.fields };
  await written(groupsText(rows, columns, options.format, view), resultsTo(options));
  note(`Scanned ${counted(service.size ?? read.examined, 'record')} ${questionText(question)}, ${rangeText(range)}.`);
  if (read.isLeftOff)
    note(
      'Only the newest records were read, so older sessions can be missing. Add a time range (--from, --to), --cluster, --namespace, --actor, --session or --status.',
    );
  const empty =
    rows.length === 0 ? [...(await emptyWords({ question, service, options })), ...comparedWords(flags, options)] : [];
  if (empty.length === 0) process.stderr.write(`${counted(rows.length, 'session')}${cutText(rows, found)}\n`);
  for (const words of empty) note(words);
  notePeople(read);
  await noteCandidates({ options, question, service });
}
