import type { ComponentChildren } from 'preact';
import { filedName } from '../../../../lib/attribution/actor-names.ts';
import type { Attribution } from '../../../../lib/attribution/attribution.ts';
import { operand } from '../../../../lib/shell.ts';
import { MINUTE, parseInstant } from '../../../../lib/time.ts';
import type { InLog } from '../../../../lib/usecases/query/anything/found.ts';
import type { ToldRequest } from '../../../../lib/usecases/query/anything/told-request.ts';
import type { AuditRecord, WhoAnswer } from '../../core/answers.ts';
import { href, place } from '../../core/place.ts';
import { fixedRange } from '../../core/range.ts';
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
    return 'From the text or link, which anyone can write. The audit log does not confirm it.';
  const { requests } = inLog;
  if (requests === 1)
    return 'From the pasted text. The audit log has this request, and its record completes the details.';
  return `From the pasted text. The audit log has ${requests} such requests, and one of them completes the details.`;
}

/** What was done, when, and from where. */
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
  shown: (of: ToldRequest) => ComponentChildren,
  of: readonly (keyof ToldRequest)[],
];

const FIELDS: readonly FieldRow[] = [
  ['Finding', text('finding'), ['finding']],
  ['Request', (of) => <What of={{ request: of }} />, ['verb']],
  ['AWS call', text('eventName'), ['eventName']],
  ['Where', (of) => <Where of={{ request: of, cluster: of.cluster }} />, ['namespace', 'cluster']],
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
      <PartTitle>Next steps</PartTitle>
      <ul class="next">
        {names.map((name) => (
          <Step to={href('actor', { of: name })}>
            Everything that <Text of={name} /> did
          </Step>
        ))}
        {session !== undefined && place.value.view !== 'session' && (
          <Step to={href('session', { of: session })}>Everything that this session did</Step>
        )}
        {at !== undefined && (
          <Step
            to={href('timeline', {
              ...fixedRange({ from: at - AROUND, to: at + AROUND }),
              cluster: request?.cluster,
              namespace: request?.namespace,
            })}
          >
            Other requests there, 15 minutes before and after
          </Step>
        )}
        {attribution.status === 'unattributed' && <Step to={href('todo')}>All unidentified sessions</Step>}
        <Step to={href('incident', { q: asked ?? null })}>Add to an incident report</Step>
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
