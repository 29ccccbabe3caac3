import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { isAbout } from '../../../../lib/attribution/actor-names.ts';
import { roleOfRecord } from '../../../../lib/attribution/role-of-record.ts';
import { isAccessKeyId } from '../../../../lib/identity/access-key.ts';
import { clusterText } from '../../../../lib/identity/cluster.ts';
import { parseInstant } from '../../../../lib/time.ts';
import { latestStages } from '../../../../lib/usecases/activity/requests.ts';
import { sessionsOfRecords } from '../../../../lib/usecases/query/anything/sessions-of-records.ts';
import { isDenied } from '../../../../lib/words/notable.ts';
import type { AuditRecord, KnownAnswer, RecordsAnswer, WhoAnswer } from '../../core/answers.ts';
import { useKnownQuery } from '../../core/known.ts';
import { change, href, type PlaceParams, place } from '../../core/place.ts';
import { useQuery } from '../../core/query.ts';
import { isTimeKnown, range, takeNewest, timeParams } from '../../core/range.ts';
import { type Span, unreadSpans } from '../../core/spans.ts';
import { whoOf } from '../../core/sums.ts';
import { formatTime, shownTime } from '../../core/times.ts';
import { Fields, Problem, Rest } from '../../parts/blocks.tsx';
import { RequestRows } from '../../parts/request-rows.tsx';
import { Icon } from '../../parts/signs.tsx';
import { Copy, type EntityKind, Name, Text } from '../../parts/text.tsx';
import { WhichOne } from '../../parts/which-one.tsx';
import { kindTitle } from '../../parts/who-name.tsx';
import { AnswerCard } from '../who/answer.tsx';
import { SessionsTable } from '../who/sessions-table.tsx';
import { Hours, People, Places, Verbs } from './panels.tsx';
import { directoryQuery, recordsQuery, rowsOf, type Subject, titleOf } from './subject.ts';

/** The number of records that a page loads at first, for a fast answer. Its numbers are based on these. */
const FIRST = 400;
/** The number of records that a page loads on request: the most that one answer has. */
const MOST = 1_000;
const LISTED = 15;

/** Returns the view of an actor, session, role, cluster or namespace, to which its name links. */
export function entityView(kind: EntityKind) {
  return function EntityView() {
    const { params } = place.value;
    const [of, cluster] = [params.get('of') ?? '', params.get('cluster') ?? undefined];
    if (of === '') return <p class="problem">This link does not name a {kind}. Search for one above.</p>;
    return <Entity key={`${of} ${cluster}`} subject={{ kind, of, cluster }} />;
  };
}

/** Returns whether the page leaves out system requests, which would hide all others in a cluster or namespace. */
function leavesSystemOut({ kind }: Subject): boolean {
  return (kind === 'cluster' || kind === 'namespace') && place.value.params.get('system') !== 'shown';
}

/** Returns the parameters that show the same records in the timeline. */
function inTimeline(subject: Subject): PlaceParams {
  return { ...recordsQuery(subject), system: leavesSystemOut(subject) ? null : 'shown' };
}

function Entity({ subject }: { readonly subject: Subject }) {
  const isWithoutSystem = leavesSystemOut(subject);
  const limit = useSignal(FIRST);
  const query = [
    ...Object.entries(recordsQuery(subject)),
    ...(isWithoutSystem ? ([['noSystem', 'true']] as const) : []),
    ...timeParams(range.value),
    ['limit', String(limit.value)] as const,
  ];
  const { answer, problem, isBusy, again } = useQuery<RecordsAnswer>('/records', isTimeKnown.value ? query : undefined);
  const rows = useKnown(subject);
  const records = useMemo(() => latestStages(answer?.records ?? []), [answer]);
  return (
    <section class="entity" aria-busy={isBusy}>
      <header class="entity-head">
        <p class="about">
          <Icon of={subject.kind} /> {KIND_WORDS[subject.kind]}
          {subject.kind === 'actor' && answer?.ambiguousName !== true && <ActorKind of={records} />}
        </p>
        <h1>
          <Text of={titleOf(subject)} />
        </h1>
        <Facts subject={subject} rows={rows} records={records} />
      </header>
      {problem !== undefined && <Problem of={problem} again={again} />}
      {subject.kind === 'session' && <WhoseSession of={subject.of} />}
      {answer === undefined && problem === undefined && <p class="busy">Loading…</p>}
      {answer !== undefined && records.length === 0 && <NoRequests rows={rows} of={answer} />}
      {answer?.ambiguousName === true && <WhichOne name={titleOf(subject)} of={answer.people ?? []} />}
      {answer !== undefined && answer.ambiguousName !== true && records.length > 0 && (
        <>
          <Scope
            subject={subject}
            records={records}
            of={answer}
            isWithoutSystem={isWithoutSystem}
            onMore={
              limit.value === MOST
                ? undefined
                : () => {
                    limit.value = MOST;
                  }
            }
          />
          <Panels subject={subject} records={records} unread={unreadOf(answer)} />
        </>
      )}
    </section>
  );
}

/** Returns the ranges in which records may be missing. */
function unreadOf({ records, cursor, inOrder }: RecordsAnswer): readonly Span[] {
  const hasMore = cursor !== undefined;
  const oldest = parseInstant(records.findLast(({ time }) => time !== undefined)?.time ?? '');
  return unreadSpans({ isKnown: true, hasMore, isByTime: inOrder !== false, oldest, gap: undefined }, range.value);
}

const KIND_WORDS: Readonly<Record<EntityKind, string>> = {
  actor: 'Actor',
  session: 'Session',
  role: 'Role',
  cluster: 'Cluster',
  namespace: 'Namespace',
};

function ActorKind({ of: records }: { readonly of: readonly AuditRecord[] }) {
  const kind = records[0]?.attribution.actor?.kind;
  return kind === undefined ? null : <>, {kindTitle(kind)}</>;
}

interface ScopeProps {
  readonly subject: Subject;
  readonly records: readonly AuditRecord[];
  readonly of: RecordsAnswer;
  readonly isWithoutSystem: boolean;
  /** Loads more records; undefined if one answer has no more. */
  readonly onMore: (() => void) | undefined;
}

/** The scope of the numbers on the page. */
function Scope({ subject, records, of, isWithoutSystem, onMore }: ScopeProps) {
  const denied = records.filter(isDenied).length;
  const hasMore = of.cursor !== undefined;
  const toggles = subject.kind === 'cluster' || subject.kind === 'namespace';
  return (
    <p class="entity-said">
      <strong>{basisOf(records.length, of)}</strong> in this time range
      {hasMore && (of.inOrder === false ? '; others are not counted' : '; older ones are not counted')}.{' '}
      {hasMore && onMore !== undefined && (
        <button type="button" class="plain" onClick={onMore}>
          Count more
        </button>
      )}{' '}
      {denied > 0 && <span class="denied-count">{denied} denied.</span>}{' '}
      {toggles && (
        <>
          {isWithoutSystem ? 'System requests are not included. ' : 'System requests are included. '}
          <button
            type="button"
            class="plain"
            onClick={() => change({ system: isWithoutSystem ? 'shown' : null }, { replacing: true })}
          >
            {isWithoutSystem ? 'Include them' : 'Leave them out'}
          </button>
        </>
      )}{' '}
      <a href={href('timeline', inTimeline(subject))}>Open in timeline</a>
    </p>
  );
}

function basisOf(count: number, { cursor, inOrder }: RecordsAnswer): string {
  const requests = `${count.toLocaleString()} ${count === 1 ? 'request' : 'requests'}`;
  if (cursor === undefined) return requests;
  return inOrder === false ? `Based on ${requests}` : `Based on the newest ${requests}`;
}

interface NothingProps {
  readonly rows: KnownAnswer['known'];
  readonly of: RecordsAnswer;
}

/** Says that no requests were found, and offers the day when the subject was last seen. */
function NoRequests({ rows, of: { cursor, examined } }: NothingProps) {
  const last = rows
    .map((row) => row.last)
    .sort()
    .at(-1);
  const day = last?.slice(0, 10);
  return (
    <div class="empty">
      <p>
        {cursor === undefined
          ? `No requests in this time range (${examined.toLocaleString()} records scanned). Choose another time range above.`
          : `No requests in the ${examined.toLocaleString()} records scanned so far. This time range has more records.`}
      </p>
      {day !== undefined && (
        <button type="button" onClick={() => change({ from: `${day}T00:00:00Z`, to: `${day}T23:59:59Z`, last: null })}>
          Show {day}, when it was last seen
        </button>
      )}
    </div>
  );
}

interface PanelsProps {
  readonly subject: Subject;
  readonly records: readonly AuditRecord[];
  readonly unread: readonly Span[];
}

function Panels({ subject, records, unread }: PanelsProps) {
  const { kind } = subject;
  const sessions = sessionsOfRecords(records);
  const filter = inTimeline(subject);
  return (
    <div class="panels">
      <Hours of={records} filter={filter} unread={unread} />
      <div class="column">
        {kind !== 'session' && kind !== 'actor' && <People of={records} filter={filter} />}
        {kind !== 'namespace' && <Places of={records} filter={filter} />}
        {kind === 'actor' && <Others of={subject} records={records} />}
      </div>
      <div class="column">
        <Verbs of={records} filter={filter} />
      </div>
      {(kind === 'actor' || kind === 'role' || (kind === 'session' && sessions.length > 1)) && (
        <section class="panel wide">
          <h2>Sessions and access keys</h2>
          <SessionsTable of={sessions.slice(0, MOST_SESSIONS)} shows={kind === 'actor' ? 'role' : 'who'} />
          <Rest count={sessions.length - MOST_SESSIONS} />
        </section>
      )}
      <section class="panel wide">
        <h2>
          Latest requests <a href={href('timeline', filter)}>Open in timeline</a>
        </h2>
        <RequestRows of={records} most={LISTED} caption="Latest requests" />
      </section>
    </div>
  );
}

const MOST_SESSIONS = 50;

/** The card of the actor who used a session. */
function WhoseSession({ of }: { readonly of: string }) {
  const { answer } = useQuery<WhoAnswer>('/whois', [['q', of]]);
  if (answer?.attribution === undefined) return null;
  return (
    <AnswerCard of={{ ...answer, attribution: answer.attribution }} q={of} about="Who used this session" level={2} />
  );
}

const MOST_ROLES = 10;

/** Other actors with the same roles, who have the same permissions. */
function Others({ of: subject, records }: { readonly of: Subject; readonly records: readonly AuditRecord[] }) {
  const roles = [...new Set(records.flatMap((record) => roleOfRecord(record)?.roleId ?? []))].slice(0, MOST_ROLES);
  const { answer } = useQuery<RecordsAnswer>(
    '/records',
    roles.length === 0
      ? undefined
      : [
          ...roles.map((role) => ['role', role] as const),
          ['notActor', subject.of],
          ...timeParams(range.value),
          ['limit', String(MOST)],
        ],
  );
  const requests = latestStages(answer?.records ?? []);
  const ofNewest = answer?.cursor === undefined ? '' : ` (in the newest ${MOST.toLocaleString()} records)`;
  const others = requests.filter((record) => whoOf(record).actor !== undefined);
  const maybe = requests.filter(({ attribution: { candidates = [] } }) =>
    candidates.some(({ actor }) => isAbout(actor, subject.of)),
  );
  return (
    <>
      {maybe.length > 0 && (
        <p class="maybe">
          {maybe.length} more {maybe.length === 1 ? 'request' : 'requests'} with the same roles{ofNewest} may be theirs
          or someone else's. <a href={href('timeline', { candidate: subject.of })}>Show them</a>
        </p>
      )}
      {others.length > 0 && (
        <People of={others} filter={{ role: roles }} title={`Others with the same roles${ofNewest}`} />
      )}
    </>
  );
}

interface FactsProps {
  readonly subject: Subject;
  readonly rows: KnownAnswer['known'];
  readonly records: readonly AuditRecord[];
}

/** The identifiers of the subject, and when it was seen. The directory knows the last time to the day. */
function Facts({ subject, rows, records }: FactsProps) {
  const { kind, of, cluster } = subject;
  const first = rows.map((row) => row.first).sort()[0];
  const last = rows
    .map((row) => row.last)
    .sort()
    .at(-1);
  const arns = new Set(
    kind === 'cluster' ? rows.flatMap(({ clusterArn }) => clusterArn ?? []) : rows.flatMap(({ arn }) => arn ?? []),
  );
  const ids = new Set(kind === 'cluster' ? [] : rows.flatMap(({ id }) => id ?? []));
  const role = kind === 'session' ? records.map(roleOfRecord).find((each) => each !== undefined) : undefined;
  const roleShown = role?.arns.at(-1) ?? role?.roleId;
  return (
    <Fields
      class="facts"
      of={[
        ['ARN', copies(arns)],
        ['ID', copies(ids)],
        ['Other IDs', copies(otherIds(rows))],
        ['Other names', copies(otherNames(rows))],
        [sessionTitle(of), kind === 'session' ? <Copy of={of} /> : undefined],
        ['Role', roleShown && <Name kind="role" of={roleShown} />],
        [
          'Cluster',
          kind === 'namespace' ? (
            <Clusters of={cluster === undefined ? [...new Set(rows.map(clusterText))] : [cluster]} />
          ) : undefined,
        ],
        ['First seen', first && shownTime(first)],
        ['Last seen', last && formatTime(parseInstant(last) ?? 0, 'day')],
      ]}
    />
  );
}

/** Returns the title of a session, which the page addresses by its access key if that is known. */
function sessionTitle(of: string): string {
  return isAccessKeyId(of) ? 'Access key' : 'Session';
}

/** Returns the other IDs that the operator says are the same person. */
function otherIds(rows: KnownAnswer['known']): ReadonlySet<string> {
  return new Set(rows.flatMap(({ id, samePerson = [] }) => samePerson.filter((each) => each !== id)));
}

function otherNames(rows: KnownAnswer['known']): ReadonlySet<string> {
  return new Set(
    rows.flatMap(({ name, names = [] }) => names.flatMap((each) => (each.name === name ? [] : each.name))),
  );
}

function copies(of: ReadonlySet<string>) {
  return of.size === 0 ? undefined : [...of].map((each) => <Copy of={each} />);
}

function Clusters({ of }: { readonly of: readonly (string | undefined)[] }) {
  return <>{of.map((cluster) => cluster && <Name kind="cluster" of={cluster} />)}</>;
}

/** Returns the directory's entries of the subject. Loads the time of the newest record with them, if it is unknown. */
function useKnown(subject: Subject): KnownAnswer['known'] {
  const names = directoryQuery(subject);
  const { answer, problem } = useKnownQuery(
    names && [
      ['kind', names.kind],
      ...(names.prefix === '' ? [] : ([['prefix', names.prefix]] as const)),
      ['limit', '1000'],
    ],
  );
  useEffect(() => {
    if (answer ?? problem) takeNewest(answer?.newest);
  }, [answer, problem]);
  return rowsOf(subject, answer?.known ?? []);
}
