import type { ComponentChildren } from 'preact';
import { filedName } from '../../../../lib/attribution/actor-names.ts';
import type { Attribution } from '../../../../lib/attribution/attribution.ts';
import { clusterText } from '../../../../lib/identity/cluster.ts';
import { operand } from '../../../../lib/shell.ts';
import { MINUTE, parseInstant } from '../../../../lib/time.ts';
import type { InLog } from '../../../../lib/usecases/query/anything/outcomes.ts';
import type { RequestDetails } from '../../../../lib/usecases/query/anything/request-details.ts';
import type { AuditRecord, WhoAnswer } from '../../core/answers.ts';
import { nameBeside } from '../../core/people.ts';
import { href, place } from '../../core/place.ts';
import { fixedRange } from '../../core/range.ts';
import { sessionOfCaller } from '../../core/sessions.ts';
import { shownTime } from '../../core/times.ts';
import { type Field, Fields, PartTitle } from '../../parts/blocks.tsx';
import { What, Where } from '../../parts/request-rows.tsx';
import { Copy, Text } from '../../parts/text.tsx';

/** A request, with the account of its cluster if a record states it. */
export interface ShownRequest extends RequestDetails {
  readonly accountId?: string | undefined;
  readonly origin?: AuditRecord['origin'];
}

/** Returns the request of a record in the form of an answer of `/whois`. */
export function describeRequest({
  request,
  action,
  time,
  cluster,
  clusterArn,
  accountId,
  origin,
  auditId,
  response,
  source,
  impersonated,
}: AuditRecord): ShownRequest {
  const described = {
    ...request,
    ...source,
    action,
    time,
    cluster,
    clusterArn,
    accountId,
    origin,
    auditId,
    code: response?.code,
    impersonated: impersonated?.username,
  };
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined));
}

/** One request or session, as its card shows it. */
export type CardOf = Pick<
  WhoAnswer,
  'caller' | 'recorded' | 'records' | 'inLog' | 'note' | 'complete' | 'firstUses' | 'keyUses'
> & {
  readonly attribution: Attribution;
  readonly request?: ShownRequest | undefined;
};

interface RequestFieldsProps {
  readonly of: ShownRequest;
  /** Whether the audit log has the request. Otherwise it comes from a text or link, which anyone can write. */
  readonly isRecorded: boolean;
  /** Whether the audit log has a request that the text describes. */
  readonly inLog?: InLog | undefined;
}

/**
 * Returns where the request comes from. If the log has a request from a text, its record only adds what the text lacks.
 */
function sourceWords(inLog: InLog | undefined): string {
  if (inLog?.result !== 'one-caller')
    return 'From the text or link, which anyone can write. The audit log does not confirm it.';
  const { requests } = inLog;
  if (requests === 1)
    return 'From the pasted text. The audit log has this request, and its record completes the details.';
  return `From the pasted text. The audit log has ${requests} such requests, and one of them completes the details.`;
}

/** The request: what was done, when, and from where. */
export function RequestFields({ of, isRecorded, inLog }: RequestFieldsProps) {
  const fields = FIELDS.map(([title, shown, names]): Field => {
    return [title, names.some((name) => of[name] !== undefined) ? shown(of) : undefined];
  });
  return (
    <section>
      <PartTitle>Request</PartTitle>
      <p class="aside">
        {isRecorded ? 'From the audit log.' : sourceWords(inLog)}{' '}
        {!isRecorded && of.auditId && (
          <a href={href('who', { q: of.auditId })}>Search the audit log for this audit ID</a>
        )}
      </p>
      <Fields of={fields} />
    </section>
  );
}

type FieldRow = readonly [
  title: string,
  shown: (of: ShownRequest) => ComponentChildren,
  of: readonly (keyof RequestDetails)[],
];

const FIELDS: readonly FieldRow[] = [
  ['Finding', text('finding'), ['finding']],
  ['Request', (of) => <What of={{ request: of, action: of.action }} />, ['verb']],
  ['AWS call', text('eventName'), ['eventName']],
  ['Where', (of) => <Where of={{ request: of, ...clusterFields(of) }} />, ['namespace', 'cluster']],
  [
    'Time',
    ({ time, since }) =>
      [since, time]
        .flatMap((each) => each ?? [])
        .map((each) => shownTime(each))
        .join(' to '),
    ['time'],
  ],
  ['Response', ({ code }) => code, ['code']],
  ['Source IP', (of) => <Source of={of} />, ['ips']],
  ['User agent', text('userAgent'), ['userAgent']],
  ['Impersonated user', text('impersonated'), ['impersonated']],
  ['Issued to', text('issuedTo'), ['issuedTo']],
  ['Called by', text('calledBy'), ['calledBy']],
  ['Audit ID', ({ auditId = '' }) => <Copy of={auditId} />, ['auditId']],
  ['Event ID', ({ eventId = '' }) => <Copy of={eventId} />, ['eventId']],
];

function clusterFields({ cluster, clusterArn, accountId, origin }: ShownRequest) {
  return { cluster, clusterArn, accountId, origin };
}

function text(name: 'finding' | 'eventName' | 'userAgent' | 'impersonated' | 'issuedTo' | 'calledBy') {
  return (of: RequestDetails) => <Text of={of[name] ?? ''} />;
}

/** The source IP: the last address, because clients can write the others. */
function Source({ of: { ips = [] } }: { readonly of: RequestDetails }) {
  const ip = ips.at(-1) ?? '';
  return (
    <a href={href('timeline', { ip })}>
      <Text of={ip} />
    </a>
  );
}

/**
 * The longest search text, in characters, for a command to copy. For longer ones, the command has the audit ID or
 * session.
 */
const LONGEST_COMMAND = 300;
/** The time before and after a request in links to the timeline, in milliseconds. */
const AROUND = 15 * MINUTE;

/** Links to related views, and the search as a command. */
export function NextSteps({ of, q }: { readonly of: CardOf; readonly q: string }) {
  const { attribution, caller, request } = of;
  const { actor, candidates = [] } = attribution;
  const people = [...(actor === undefined ? [] : [actor]), ...candidates.map((candidate) => candidate.actor)];
  const actors = [...new Map(people.map((each) => [each.id, each])).values()];
  const session = caller === undefined || attribution.status === 'system' ? undefined : sessionOfCaller(caller);
  const at = parseInstant(request?.time ?? '');
  const text = q.length <= LONGEST_COMMAND ? q : (request?.auditId ?? session);
  return (
    <nav aria-label="Next steps">
      <PartTitle>Next steps</PartTitle>
      <ul class="next">
        {actors.map(({ id, ...actor }) => (
          <Step to={href('actor', { of: id })}>
            Everything that <Text of={nameBeside(id, filedName(actor) ?? id)} /> did
          </Step>
        ))}
        {session !== undefined && place.value.view !== 'session' && (
          <Step to={href('session', { of: session })}>Everything that this session did</Step>
        )}
        {at !== undefined && (
          <Step
            to={href('timeline', {
              ...fixedRange({ from: at - AROUND, to: at + AROUND }),
              cluster: request && clusterText(request),
              namespace: request?.namespace,
            })}
          >
            Other requests there, 15 minutes before and after
          </Step>
        )}
        {attribution.status === 'unattributed' && <Step to={href('todo')}>All unidentified sessions</Step>}
        <Step to={href('incident', { q: text ?? null })}>Add to an incident report</Step>
      </ul>
      {text !== undefined && (
        <p class="command">
          <Copy of={`eks-whois ${operand(text)}`} />
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
