import type { ComponentChildren } from 'preact';
import { filedName } from '../../../../lib/attribution/actor-names.ts';
import type { Attribution } from '../../../../lib/attribution/attribution.ts';
import { operand } from '../../../../lib/shell.ts';
import { MINUTE, parseInstant } from '../../../../lib/time.ts';
import type { InLog } from '../../../../lib/usecases/query/anything/found.ts';
import type { ToldRequest } from '../../../../lib/usecases/query/anything/told-request.ts';
import type { AuditRecord, WhoAnswer } from '../../core/answers.ts';
import { href, place } from '../../core/place.ts';
import { chosenTime } from '../../core/range.ts';
import { sessionOfCaller } from '../../core/sessions.ts';
import { shownTime } from '../../core/times.ts';
import { type Field, Fields, PartTitle } from '../../parts/blocks.tsx';
import { What, Where } from '../../parts/request-rows.tsx';
import { Copy, Text } from '../../parts/text.tsx';

/** What a record tells of its request, as an answer of `/whois` has it. */
export function toldBy({ request, time, cluster, auditId, response, source, impersonated }: AuditRecord): ToldRequest {
  const told = {
    ...request,
    ...source,
    time,
    cluster,
    auditId,
    code: response?.code,
    impersonated: impersonated?.username,
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

/** What is known of one request or session, as its card shows it. */
export type CardOf = Pick<WhoAnswer, 'caller' | 'request' | 'recorded' | 'records' | 'inLog' | 'note' | 'complete'> & {
  readonly attribution: Attribution;
};

interface RequestFieldsProps {
  readonly of: ToldRequest;
  /** The audit log says so; else nobody but whoever wrote the text, or the link. */
  readonly isRecorded: boolean;
  /** What the audit log has of a request that the text describes. */
  readonly inLog?: InLog | undefined;
}

/** Who says so. A described request that the log has is shown as the text has it, with the rest from its record. */
function sourceWords(inLog: InLog | undefined): string {
  if (inLog?.result !== 'one-caller')
    return 'From the pasted text or link, which anybody can write. No stored record confirms it.';
  const { requests } = inLog;
  if (requests === 1)
    return 'From the pasted text. The audit log holds this request, and adds what the text leaves out.';
  return `From the pasted text. The audit log holds ${requests} such requests. One of them adds what the text leaves out.`;
}

/** What was done, when, and from where. */
export function RequestFields({ of, isRecorded, inLog }: RequestFieldsProps) {
  const fields = FIELDS.map(([title, shown, names]): Field => {
    return [title, names.some((name) => of[name] !== undefined) ? shown(of) : undefined];
  });
  return (
    <section>
      <PartTitle>The request</PartTitle>
      <p class="aside">
        {isRecorded ? 'From the audit log.' : sourceWords(inLog)}{' '}
        {!isRecorded && of.auditId && <a href={href('who', { q: of.auditId })}>What is recorded under its audit id</a>}
      </p>
      <Fields of={fields} />
    </section>
  );
}

type FieldRow = readonly [
  title: string,
  shown: (of: ToldRequest) => ComponentChildren,
  of: readonly (keyof ToldRequest)[],
];

const FIELDS: readonly FieldRow[] = [
  ['finding', text('finding'), ['finding']],
  ['did', (of) => <What of={{ request: of }} />, ['verb']],
  ['call', text('eventName'), ['eventName']],
  ['in', (of) => <Where of={{ request: of, cluster: of.cluster }} />, ['namespace', 'cluster']],
  [
    'when',
    ({ time, since }) =>
      [since, time]
        .flatMap((each) => each ?? [])
        .map((each) => shownTime(each))
        .join(' to '),
    ['time'],
  ],
  ['answer', ({ code }) => code, ['code']],
  ['from', (of) => <Source of={of} />, ['ips']],
  ['with', text('userAgent'), ['userAgent']],
  ['as', text('impersonated'), ['impersonated']],
  ['issued to', text('issuedTo'), ['issuedTo']],
  ['called by', text('calledBy'), ['calledBy']],
  ['audit id', ({ auditId = '' }) => <Copy of={auditId} />, ['auditId']],
  ['event id', ({ eventId = '' }) => <Copy of={eventId} />, ['eventId']],
];

function text(name: 'finding' | 'eventName' | 'userAgent' | 'impersonated' | 'issuedTo' | 'calledBy') {
  return (of: ToldRequest) => <Text of={of[name] ?? ''} />;
}

/** The last address is the one that the client did not write. */
function Source({ of: { ips = [] } }: { readonly of: ToldRequest }) {
  const ip = ips.at(-1) ?? '';
  return (
    <a href={href('timeline', { ip })}>
      <Text of={ip} />
    </a>
  );
}

/** Longer texts are nobody's to type again: what they were about is asked instead. */
const LONGEST_COMMAND = 300;
const AROUND = 15 * MINUTE;

/** Where to look next, and the same on the command line. */
export function NextSteps({ of, q }: { readonly of: CardOf; readonly q: string }) {
  const { attribution, caller, request } = of;
  const { actor, candidates = [] } = attribution;
  const people = [...(actor === undefined ? [] : [actor]), ...candidates.map((candidate) => candidate.actor)];
  const names = [...new Set(people.flatMap((each) => filedName(each) ?? []))];
  const session = caller === undefined || attribution.status === 'system' ? undefined : sessionOfCaller(caller);
  const at = parseInstant(request?.time ?? '');
  const asked = q.length <= LONGEST_COMMAND ? q : (request?.auditId ?? session);
  return (
    <nav aria-label="Next steps">
      <PartTitle>Next</PartTitle>
      <ul class="next">
        {names.map((name) => (
          <Step to={href('actor', { of: name })}>
            Everything that <Text of={name} /> did
          </Step>
        ))}
        {session !== undefined && place.value.view !== 'session' && (
          <Step to={href('session', { of: session })}>All that this session did</Step>
        )}
        {at !== undefined && (
          <Step
            to={href('timeline', {
              ...chosenTime({ from: at - AROUND, to: at + AROUND }),
              cluster: request?.cluster,
              namespace: request?.namespace,
            })}
          >
            What else happened there, 15 minutes before and after
          </Step>
        )}
        {attribution.status === 'unattributed' && <Step to={href('todo')}>All sessions that nobody can name</Step>}
        <Step to={href('incident', { q: asked ?? null })}>Report it as an incident</Step>
      </ul>
      {asked !== undefined && (
        <p class="command">
          <Copy of={`eks-whois ${operand(asked)}`} />
        </p>
      )}
    </nav>
  );
}

function Step({ to, children }: { readonly to: string; readonly children: ComponentChildren }) {
  return (
    <li>
      <a href={to}>{children}</a>
    </li>
  );
}
