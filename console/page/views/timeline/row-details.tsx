import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { NO_NAMESPACE } from '../../../../lib/attribution/place.ts';
import type { Status } from '../../../../lib/attribution/reasons.ts';
import type { AuditRecord } from '../../../../lib/attribution/record.ts';
import { actionText } from '../../../../lib/audit/action.ts';
import { clusterText } from '../../../../lib/identity/cluster.ts';
import { operand } from '../../../../lib/shell.ts';
import { parseInstant } from '../../../../lib/time.ts';
import { targetColumn, whoColumn } from '../../../../lib/words/columns.ts';
import type { WhoAnswer } from '../../core/answers.ts';
import { roleOf } from '../../core/facets.ts';
import { useQuery } from '../../core/query.ts';
import type { Row } from '../../core/rows.ts';
import { sessionOfCaller } from '../../core/sessions.ts';
import { formatTime } from '../../core/times.ts';
import { whoisCommand } from '../../core/todo.ts';
import { AddToIncident, Fields } from '../../parts/blocks.tsx';
import { Icon, StatusBadge } from '../../parts/signs.tsx';
import { Copy, Name, Text } from '../../parts/text.tsx';
import { Certainty, Flags, Paths } from '../who/answer.tsx';
import { describeRequest } from '../who/answer-side.tsx';
import { RelatedRequests } from './related.tsx';

/** Headings for statuses without an actor. */
const UNNAMED: Readonly<Partial<Record<Status, string>>> = {
  unattributed: 'Unidentified caller',
  pending: 'Not identified yet',
};

interface RowDetailsProps {
  readonly row: Row;
  /** Whether it was opened with the keyboard, so that the focus moves into it. */
  readonly takesFocus: boolean;
  onClose(): void;
}

/** The details of a row: the actor, the certainty and evidence, the request, and related requests. */
export function RowDetails({ row, takesFocus, onClose }: RowDetailsProps) {
  const { record, stages, isCorrected } = row;
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) element.current?.focus();
  }, [takesFocus, row.key]);
  const { status, provisional } = record.attribution;
  const card = { ...record, request: describeRequest(record), recorded: true } as const;
  const { answer } = useQuery<Pick<WhoAnswer, 'firstUses'>>(
    '/whois',
    record.attribution.actor === undefined ? undefined : [['auditId', record.auditId]],
  );
  const firstUses = answer?.firstUses;
  return (
    <aside
      class="details"
      aria-label="Request details"
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
        <button type="button" class="icon" aria-label="Close request details" title="Close (Esc)" onClick={onClose}>
          <Icon of="close" />
        </button>
      </header>
      <p class="details-what">
        <StatusBadge of={status} provisional={provisional} />
        <span>
          <Text of={[record.request?.verb, targetColumn(record)].filter(Boolean).join(' ')} />
          {record.response !== undefined && <> → {record.response.code}</>}
        </span>
        <AddToIncident of={[record]} />
      </p>
      {isCorrected && <p class="tag tag-doubt">This answer changed after you loaded it</p>}
      <Certainty of={firstUses === undefined ? card : { ...card, firstUses }} />
      <Flags of={record.attribution} />
      <Part title="Request">
        <RequestOf record={record} />
      </Part>
      <div class="details-part">
        <Paths of={card} />
      </div>
      {stages.length > 1 && <Stages of={stages} />}
      <Part title="Related requests">
        <RelatedRequests key={record.auditId} auditId={record.auditId} />
      </Part>
      <Part title="On the command line">
        <Copy of={whoisCommand(record)} />
        <Copy of={`eks-whois related ${operand(record.auditId)}`} />
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
        {of.map(({ stage = 'unknown stage', response }) => (
          <li>
            <Text of={stage} /> {response?.code}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function RequestOf({ record }: { readonly record: AuditRecord }) {
  const cluster = clusterText(record);
  const { caller, request, action, source, authorization, impersonated } = record;
  const namespace = request?.namespace === NO_NAMESPACE ? undefined : request?.namespace;
  const session = sessionOfCaller(caller);
  const role = roleOf(record);
  return (
    <Fields
      of={[
        ['Time', shownExact(record.time)],
        ['Action', textField(actionText(action))],
        ['Session', session && <Name kind="session" of={session} />],
        ['Role', role && <Name kind="role" of={role} />],
        ['Access key', copyField(caller.accessKeyId)],
        ['Username', textField(caller.username)],
        ['Pod of the caller', textField(caller.pod?.name ?? caller.pod?.uid)],
        ['Impersonated user', textField(impersonated?.username ?? impersonated?.uid)],
        ['Groups', textField(caller.groups?.join(', '))],
        ['Namespace', namespace && <Name kind="namespace" of={namespace} within={{ cluster }} />],
        ['Cluster', cluster && <Name kind="cluster" of={cluster} />],
        ['Source IP', textField(source?.ips?.join(' → '))],
        ['User agent', textField(source?.userAgent)],
        ['Decision', textField([authorization?.decision, authorization?.reason].filter(Boolean).join(': '))],
        ['Request path', textField(request?.uri)],
        ['Audit ID', copyField(record.auditId)],
      ]}
    />
  );
}

function textField(text: string | undefined) {
  return text ? <Text of={text} /> : undefined;
}

function copyField(text: string | undefined) {
  return text ? <Copy of={text} /> : undefined;
}

function shownExact(time: string | undefined): string {
  const at = time === undefined ? undefined : parseInstant(time);
  return at === undefined ? 'unknown time' : formatTime(at, 'exact');
}

function Json({ of }: { readonly of: unknown }) {
  const text = JSON.stringify(of, undefined, 2);
  return (
    <details class="details-part">
      <summary>Full record</summary>
      <Copy of={text} label="Copy as JSON" />
      <pre class="json">{text.split('\n').map((line) => [/^ */.exec(line), <Text of={line.trimStart()} />, '\n'])}</pre>
    </details>
  );
}
