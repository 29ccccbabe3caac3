import { latestStages } from '../../../../lib/usecases/activity/requests.ts';
import type { AnythingBody, Namesakes, RecordsAnswer, WhoAnswer } from '../../core/answers.ts';
import type { ApiProblem } from '../../core/api.ts';
import { href, place } from '../../core/place.ts';
import { useQuery, useWhois, type WhoisState } from '../../core/query.ts';
import { objectNameOf } from '../../core/question-text.ts';
import { type Owner, ownerOf, tieOf } from '../../core/sessions.ts';
import { Problem, Rest } from '../../parts/blocks.tsx';
import { RequestRows } from '../../parts/request-rows.tsx';
import { Copy, Text } from '../../parts/text.tsx';
import { WhichOne } from '../../parts/which-one.tsx';
import { ActorName, kindTitle } from '../../parts/who-name.tsx';
import { AnswerCard } from './answer.tsx';
import type { ShownRequest } from './answer-side.tsx';
import { ObjectFound } from './object.tsx';
import { SessionsTable } from './sessions-table.tsx';

/** The results of a search: a person, a session or a request, or an object with that name. */
export function Who() {
  const { params } = place.value;
  const q = params.get('q') ?? '';
  const at = params.get('at') ?? undefined;
  const asObject = params.get('as') === 'object';
  return <Answers key={`${q} ${at}`} q={q} at={at} asObject={asObject} left={Number(params.get('left') ?? 0)} />;
}

interface AnswersProps {
  readonly q: string;
  /** The time that the question is about, if it is not in the text. */
  readonly at: string | undefined;
  readonly asObject: boolean;
  readonly left: number;
}

function Answers(props: AnswersProps) {
  return ADDRESS.test(props.q) ? <AddressFound ip={props.q} /> : <TextAnswers {...props} />;
}

function TextAnswers({ q, at, asObject, left }: AnswersProps) {
  const name = objectNameOf(q);
  const isObject = asObject && name !== undefined;
  const whois = useWhois(isObject ? undefined : q, at);
  const { answer, problem, isBusy } = whois;
  if (isObject) return <ObjectFound name={name} isObjectSearch />;
  if (problem !== undefined) return <UnknownText of={whois} problem={problem} q={q} />;
  if (answer === undefined) return <NoAnswer isBusy={isBusy} />;
  const answers = 'answers' in answer ? answer.answers : [answer];
  const { as } = answer.recognized;
  if (as === 'a Kubernetes object' && name !== undefined) return <ObjectFound name={name} isObjectSearch={false} />;
  return (
    <section class="answers" aria-busy={isBusy || whois.isSearchingOlder}>
      <RecognizedAs of={answer.recognized} left={left} />
      <OlderRecords of={whois} />
      {answers.length > 1 && <h1>{answers.length} results</h1>}
      {answers.map((each) => (
        <Result of={each} q={q} isOnly={answers.length === 1} />
      ))}
      <ObjectHint isName={name !== undefined && as === 'a name'} q={q} />
    </section>
  );
}

function NoAnswer({ isBusy }: { readonly isBusy: boolean }) {
  return <p class="busy">{isBusy ? 'Searching…' : 'Type or paste something in the search field.'}</p>;
}

interface RecognizedAsProps {
  readonly of: AnythingBody['recognized'];
  readonly left: number;
}

/** Shows what the text was recognized as, and how much of it was left out. */
function RecognizedAs({ of: { as, notes, left: unasked = 0 }, left }: RecognizedAsProps) {
  return (
    <p class="aside taken">
      Recognized {as}. {notes.map((note) => `${note} `)}
      {left + unasked > 0 && <LeftOut count={left + unasked} />}
    </p>
  );
}

/** Leads from a name to objects that have it. */
function ObjectHint({ isName, q }: { readonly isName: boolean; readonly q: string }) {
  if (!isName) return null;
  return (
    <p class="aside">
      Looking for an object? <a href={href('who', { q, as: 'object' })}>Search for objects with this name</a>
    </p>
  );
}

/** Says that older records are being searched, or why they could not be. */
function OlderRecords({ of: { isSearchingOlder, olderProblem, searchOlder } }: { readonly of: WhoisState }) {
  if (isSearchingOlder)
    return (
      <p class="busy" role="status">
        Searching older records… This answer is from the newest records only.
      </p>
    );
  if (olderProblem === undefined) return null;
  return (
    <>
      <p class="busy">This answer is from the newest records only. Older records could not be searched:</p>
      <Problem of={olderProblem} again={searchOlder} />
    </>
  );
}

/** Says how many events are left out, and which command reads all of a file. */
function LeftOut({ count }: { readonly count: number }) {
  return (
    <>
      {count} more {count === 1 ? 'event or line was' : 'events or lines were'} left out. To look up a whole file, run{' '}
      <Copy of="eks-whois attribute --audit FILE" />
    </>
  );
}

/** Returns the request, with the account of its cluster if it is the request of a record. */
function withAccount({ request, recorded, records }: WhoAnswer): ShownRequest | undefined {
  return recorded === true && request !== undefined ? { ...request, accountId: records?.[0]?.accountId } : request;
}

/** The card of one result of the search. */
function Result({ of, q, isOnly }: { readonly of: WhoAnswer; readonly q: string; readonly isOnly: boolean }) {
  const { attribution, sessions, subject, unknown, caller, request } = of;
  if (attribution !== undefined)
    return (
      <AnswerCard
        of={{ ...of, attribution, request: withAccount(of) }}
        q={isOnly ? q : (caller?.accessKeyId ?? request?.auditId ?? q)}
        about={capitalized(subject)}
        level={isOnly ? 1 : 2}
      />
    );
  if (sessions !== undefined) return <SessionsCard of={of} sessions={sessions} q={isOnly ? q : undefined} />;
  return (
    <article class="card">
      <h2>
        Nothing found for <Text of={subject} />
      </h2>
      <p>
        <Text of={unknown ?? ''} />
      </p>
    </article>
  );
}

interface SessionsCardProps {
  readonly of: WhoAnswer;
  readonly sessions: NonNullable<WhoAnswer['sessions']>;
  /** The search text, if it leads to nothing but these sessions. */
  readonly q: string | undefined;
}

/** The sessions of a role, an actor or a name. */
function SessionsCard({ of, sessions, q }: SessionsCardProps) {
  const { left = 0, note, earlier } = of;
  const owner = ownerOf(of);
  const actor = owner?.kind === 'actor' ? owner.actor : undefined;
  const count = sessions.length + left;
  return (
    <article class="card who">
      <SessionsHead of={of} owner={owner} />
      {owner !== undefined && (
        <p>
          <a class="button main" href={href(owner.kind, { of: owner.of })}>
            Show all activity
          </a>
        </p>
      )}
      {of.ambiguousName === true && <WhichOne name={of.subject} of={of.people ?? []} />}
      {of.inLog?.listed !== undefined && (
        <>
          <h2>Requests in the audit log</h2>
          <RequestRows of={of.inLog.listed} caption="Requests in the audit log" hasOrigin />
        </>
      )}
      <h2>
        {count} {count === 1 ? 'session' : 'sessions'}
        {of.complete === false && ' in the scanned records'}
      </h2>
      {sessions.length > 0 && <SessionsTable of={sessions} shows={actor === undefined ? 'who' : 'role'} />}
      <Rest count={left} />
      {note !== undefined && <p class="aside">{note}</p>}
      {q !== undefined && earlier?.last !== undefined && (
        <p>
          <a class="button" href={href('who', { q, at: earlier.last })}>
            Show earlier sessions
          </a>
        </p>
      )}
      {owner !== undefined && <Latest filter={[owner.kind, owner.of]} />}
    </article>
  );
}

/** The sentences below the name if the text can mean several callers, with or without a list of requests. */
const UNDECIDED = {
  alone: 'No single caller is named',
  listed: 'No single caller is named. The list shows who made each request.',
} as const;

function SessionsHead({ of, owner }: { readonly of: WhoAnswer; readonly owner: Owner | undefined }) {
  const { subject, sessionName, status } = of;
  const actor = owner?.kind === 'actor' ? owner.actor : undefined;
  const name = owner?.of ?? sessionName;
  const tie = tieOf(of);
  return (
    <header class="who-head">
      {name !== undefined && (
        <p class="about">
          <Text of={capitalized(subject)} />
        </p>
      )}
      <h1>{actor === undefined ? <Text of={name ?? capitalized(subject)} /> : <ActorName of={actor} />}</h1>
      {status === 'ambiguous' && (
        <p class="who-status">{UNDECIDED[of.inLog?.listed === undefined ? 'alone' : 'listed']}</p>
      )}
      {tie !== undefined && (
        <p class="who-status">
          <Text of={tie} />
        </p>
      )}
      {actor !== undefined && <p class="who-status">{kindTitle(actor.kind)}</p>}
    </header>
  );
}

/** The latest requests of any time: the user may not know when they happened. */
function Latest({ filter }: { readonly filter: readonly [name: string, value: string] }) {
  const { answer } = useQuery<RecordsAnswer>('/records', [filter, ['limit', '10']]);
  if (answer === undefined || answer.records.length === 0) return null;
  return (
    <>
      <h2>Latest requests</h2>
      <RequestRows of={answer.records} caption="Latest requests" />
    </>
  );
}

/** Returns `the access key ASIA…` as a line of its own: `Access key ASIA…`. */
function capitalized(subject: string): string {
  return subject.replace(
    /^(?:the (\w)|requests )/,
    (whole, first?: string) => first?.toUpperCase() ?? `R${whole.slice(1)}`,
  );
}

const ADDRESS = /^(?:(?:\d{1,3}\.){3}\d{1,3}|(?=.*:.*:)[\da-f:.]+)(?:\/\d+)?$/i;

interface UnknownProps {
  readonly of: WhoisState;
  readonly problem: ApiProblem;
  readonly q: string;
}

/** Results for a text that is no known actor: objects with that name, or requests from that IP address. */
function UnknownText({ of: whois, problem: of, q }: UnknownProps) {
  const { again } = whois;
  const { by, complete, ...also } = (of.body ?? {}) as Namesakes & Pick<WhoAnswer, 'complete'> & { by?: string };
  const isId = by === 'audit-id';
  const name = isId ? undefined : objectNameOf(q);
  const isUnknown = of.status === 404 || (of.status === 400 && of.parameter === 'q');
  if (of.status !== 404 && !(isUnknown && name !== undefined)) return <Problem of={of} again={again} />;
  return (
    <>
      <OlderRecords of={whois} />
      {name === undefined ? <Problem of={of} /> : <ObjectFound name={name} isObjectSearch={false} also={also} />}
      {name !== undefined && complete === false && !whois.isSearchingOlder && <p class="aside">{of.message}</p>}
    </>
  );
}

const MOST_FROM_ADDRESS = 1_000;
const MOST_SHOWN = 15;

/** An IP address or a range of them: how many requests came from it, and from how many actors. */
function AddressFound({ ip }: { readonly ip: string }) {
  const { answer, problem, isBusy, again } = useQuery<RecordsAnswer>('/records', [
    ['ip', ip],
    ['limit', String(MOST_FROM_ADDRESS)],
  ]);
  const records = answer?.records ?? [];
  return (
    <section class="found-object" aria-busy={isBusy}>
      <header class="entity-head">
        <h1>
          <Text of={ip} />
        </h1>
        <p>
          <Text of={ip} /> is an IP address{ip.includes('/') && ' range'}
          {answer === undefined ? '.' : `: ${requestsFrom(answer)}`}
        </p>
      </header>
      {problem !== undefined && <Problem of={problem} again={again} />}
      {records.length > 0 && (
        <>
          <h2>Latest requests</h2>
          <RequestRows of={records} most={MOST_SHOWN} caption="Latest requests" hasOrigin />
        </>
      )}
      <p>
        <a class="button main" href={href('timeline', { ip })}>
          Open in timeline
        </a>
      </p>
    </section>
  );
}

/**
 * Returns how many requests came from the address, by how many actors:
 * `12 requests, 10 by 2 known actors (140 records scanned).`
 */
function requestsFrom({ records, examined, cursor }: RecordsAnswer): string {
  const requests = latestStages(records);
  const ids = requests.flatMap(({ attribution: { actor } }) => (actor?.idBasis === 'session' ? [] : (actor?.id ?? [])));
  const actors = counted(new Set(ids).size, 'known actor');
  const by = ids.length === requests.length ? ` by ${actors}` : `, ${ids.length.toLocaleString()} by ${actors}`;
  const scope = `${cursor === undefined ? '' : 'the newest '}${examined.toLocaleString()} records scanned`;
  return `${counted(requests.length, 'request')}${ids.length === 0 ? '' : by} (${scope}).`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;
}
