import type { ComponentChildren } from 'preact';
import type { InLog } from '../../../../lib/usecases/query/anything/found.ts';
import type { ToldRequest } from '../../../../lib/usecases/query/anything/told-request.ts';
import { href } from '../../core/place.ts';
import { shownTime } from '../../core/times.ts';
import { Copy } from '../../parts/copy.tsx';
import { type Field, Fields } from '../../parts/fields.tsx';
import { PartTitle } from '../../parts/part-title.tsx';
import { What, Where } from '../../parts/request-rows.tsx';
import { Text } from '../../parts/text.tsx';

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

type Shown = readonly [
  title: string,
  shown: (of: ToldRequest) => ComponentChildren,
  of: readonly (keyof ToldRequest)[],
];

const FIELDS: readonly Shown[] = [
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
