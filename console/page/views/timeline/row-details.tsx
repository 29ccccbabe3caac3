import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ChainLink, Flag, Status } from '../../../../lib/attribution/attribution.ts';
import { NO_NAMESPACE } from '../../../../lib/attribution/place.ts';
import type { AuditRecord } from '../../../../lib/attribution/record.ts';
import { sessionOf } from '../../../../lib/claims/identity.ts';
import { quoted } from '../../../../lib/shell.ts';
import { parseInstant } from '../../../../lib/time.ts';
import { type Asked, adviceOf, ambiguousAdvice, flagText } from '../../../../lib/words/advice.ts';
import { certainty, isAboutSomebody } from '../../../../lib/words/certainty.ts';
import { targetColumn, whoColumn } from '../../../../lib/words/columns.ts';
import { WRONG_FLAGS } from '../../../../lib/words/notable.ts';
import { roleOf } from '../../core/facets.ts';
import type { Row } from '../../core/rows.ts';
import { formatted } from '../../core/times.ts';
import { Copy } from '../../parts/copy.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Name } from '../../parts/name.tsx';
import { StatusBadge } from '../../parts/status.tsx';
import { Text } from '../../parts/text.tsx';
import { Related } from './related.tsx';

const UNNAMED: Readonly<Partial<Record<Status, string>>> = {
  unattributed: 'Nobody can be named',
  pending: 'Not known yet',
};

interface RowDetailsProps {
  readonly row: Row;
  /** It was opened by a key, which goes on within it. */
  readonly takesFocus: boolean;
  onClose(): void;
}

/** All of a row: what it is, who it was and why one may say so, what else belongs to it. */
export function RowDetails({ row, takesFocus, onClose }: RowDetailsProps) {
  const { record, stages, isCorrected } = row;
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) element.current?.focus();
  }, [takesFocus, row.key]);
  const { status, provisional, flags, chain = [] } = record.attribution;
  return (
    <aside
      class="details"
      aria-label="The request"
      tabIndex={-1}
      ref={element}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <header class="dialog-head">
        <h2>
          <Text of={UNNAMED[status] ?? whoColumn(record)} />
        </h2>
        <button type="button" class="icon" aria-label="Close the request" title="Close (Esc)" onClick={onClose}>
          <Icon of="close" />
        </button>
      </header>
      <p class="details-what">
        <StatusBadge of={status} provisional={provisional} />
        <span>
          <Text of={[record.request?.verb, targetColumn(record)].filter(Boolean).join(' ')} />
          {record.response !== undefined && <> → {record.response.code}</>}
        </span>
      </p>
      {isCorrected && <p class="tag tag-doubt">The answer was corrected while you looked</p>}
      <Why record={record} />
      <Flags flags={flags} />
      <Part title="The request">
        <Fields record={record} />
      </Part>
      {chain.length > 0 && (
        <Part title="Evidence, from the person to the cluster">
          <Chain links={chain} />
        </Part>
      )}
      {stages.length > 1 && <Stages of={stages} />}
      <Part title="What belongs to it">
        <Related key={record.auditId} auditId={record.auditId} />
      </Part>
      <Part title="On the command line">
        {['whois --audit-id', 'related'].map((command) => (
          <Copy key={command} of={`eks-whois ${command} ${quoted(record.auditId)}`} />
        ))}
      </Part>
      <Json of={stages.length > 1 ? stages : record} />
    </aside>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="details-part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Stages({ of }: { readonly of: readonly AuditRecord[] }) {
  return (
    <Part title="Stages">
      <ul>
        {of.map(({ stage = 'no stage', response }) => (
          <li key={stage}>
            <Text of={stage} /> {response?.code}
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Why one may rely on the answer, or what would make one. */
function Why({ record }: { readonly record: AuditRecord }) {
  const { attribution, caller } = record;
  const asked: Asked = {
    isOfEvent: true,
    hasKey: caller.accessKeyId !== undefined,
    hasTime: record.time !== undefined,
  };
  const advice = attribution.reason === undefined ? undefined : adviceOf(attribution.reason, false, asked);
  return (
    <div class="details-why">
      {isAboutSomebody(attribution) && <p>{certainty(attribution, asked)}</p>}
      {attribution.status === 'pending' && <p>CloudTrail may be 15 minutes behind: the answer is still open.</p>}
      {advice !== undefined && <p>{advice.why}</p>}
      {advice !== undefined && <p class="busy">{advice.next}</p>}
      {attribution.status === 'ambiguous' && (
        <>
          <p class="busy">{ambiguousAdvice(asked)}</p>
          {attribution.candidates.map(({ actor, chain }) => (
            <details key={`${actor.arn} ${actor.name}`}>
              <summary>
                <Text of={actor.name ?? actor.arn ?? actor.principalId ?? actor.kind} />
              </summary>
              <Chain links={chain} />
            </details>
          ))}
        </>
      )}
    </div>
  );
}

function Flags({ flags }: { readonly flags: readonly Flag[] }) {
  if (flags.length === 0) return null;
  return (
    <ul class="details-flags">
      {flags.map((flag) => (
        <li key={flag}>
          <span class={`tag ${WRONG_FLAGS.has(flag) ? 'tag-wrong' : 'tag-doubt'}`}>{flag}</span> {flagText(flag)}
        </li>
      ))}
    </ul>
  );
}

function Fields({ record }: { readonly record: AuditRecord }) {
  const { attribution, caller, cluster, request, source, authorization, impersonated } = record;
  const namespace = request?.namespace === NO_NAMESPACE ? undefined : request?.namespace;
  return (
    <dl class="fields">
      <Field name="Time">{shownExact(record.time)}</Field>
      <NameField name="Actor" kind="actor" of={attribution.actor?.name} />
      <TextField name="ARN" of={attribution.actor?.arn} />
      <NameField name="Session" kind="session" of={sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) })} />
      <NameField name="Role" kind="role" of={roleOf(record)} />
      <CopyField name="Access key" of={caller.accessKeyId} />
      <TextField name="Username" of={caller.username} />
      <TextField name="As" of={impersonated?.username ?? impersonated?.uid} />
      <TextField name="Groups" of={caller.groups?.join(', ')} />
      <NameField name="Namespace" kind="namespace" of={namespace} cluster={cluster} />
      <NameField name="Cluster" kind="cluster" of={cluster} />
      <TextField name="From" of={source?.ips?.join(' → ')} />
      <TextField name="User agent" of={source?.userAgent} />
      <TextField name="Allowed" of={[authorization?.decision, authorization?.reason].filter(Boolean).join(': ')} />
      <TextField name="Address" of={request?.uri} />
      <CopyField name="Audit id" of={record.auditId} />
    </dl>
  );
}

function Field({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

interface ValueProps {
  readonly name: string;
  readonly of: string | undefined;
}

function TextField({ name, of = '' }: ValueProps) {
  if (of === '') return null;
  return (
    <Field name={name}>
      <Text of={of} />
    </Field>
  );
}

function CopyField({ name, of }: ValueProps) {
  if (of === undefined) return null;
  return (
    <Field name={name}>
      <Copy of={of} />
    </Field>
  );
}

type NameFieldProps = ValueProps & {
  readonly kind: Parameters<typeof Name>[0]['kind'];
  readonly cluster?: string | undefined;
};

function NameField({ name, kind, of, cluster }: NameFieldProps) {
  if (of === undefined) return null;
  return (
    <Field name={name}>
      <Name kind={kind} of={of} within={{ cluster }} />
    </Field>
  );
}

function shownExact(time: string | undefined): string {
  const at = time === undefined ? undefined : parseInstant(time);
  return at === undefined ? 'no time' : formatted(at, 'exact');
}

/** Each hop: what was called, for which role, how it was joined, and the events that say so. */
function Chain({ links }: { readonly links: readonly ChainLink[] }) {
  return (
    <ol class="chain">
      {links.map((link) => (
        <li key={link.eventIds.join()}>
          <p>
            <b>{link.eventName}</b> {shownExact(link.issuedAt)}
          </p>
          <p>
            <Text of={link.eventName === 'TokenRequest' ? link.serviceAccount : (link.roleArn ?? '')} />
          </p>
          <p class="busy">
            {link.eventName !== 'TokenRequest' && link.sessionName !== undefined && (
              <>
                as <Text of={link.sessionName} />
                {', '}
              </>
            )}
            {link.eventName !== 'TokenRequest' && link.region !== undefined && (
              <>
                in <Text of={link.region} />
                {', '}
              </>
            )}
            joined by {link.joinedBy ?? 'an older version'}
          </p>
          {link.eventIds.map((id) => (
            <Copy key={id} of={id} />
          ))}
        </li>
      ))}
    </ol>
  );
}

function Json({ of }: { readonly of: unknown }) {
  const text = JSON.stringify(of, undefined, 2);
  return (
    <details class="details-part">
      <summary>The whole record</summary>
      <Copy of={text} label="Copy as JSON" />
      <pre class="json">{text.split('\n').map((line) => [<Text of={line} />, '\n'])}</pre>
    </details>
  );
}
