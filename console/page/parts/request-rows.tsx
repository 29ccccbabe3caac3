import { actionText } from '../../../lib/audit/action.ts';
import { type ClusterFields, clusterText } from '../../../lib/identity/cluster.ts';
import { parseInstant } from '../../../lib/time.ts';
import { latestStages } from '../../../lib/usecases/activity/requests.ts';
import { isDenied } from '../../../lib/words/notable.ts';
import type { AuditRecord } from '../core/answers.ts';
import { resourceOf } from '../core/facets.ts';
import { href } from '../core/place.ts';
import { formatTime, shownTime } from '../core/times.ts';
import { type Column, Table } from './table.tsx';
import { Copy, Name, Text } from './text.tsx';
import { By, WhoOf } from './who-name.tsx';

interface RequestRowsProps {
  readonly of: readonly AuditRecord[];
  readonly caption: string;
  /** The maximum number of rows to show. */
  readonly most?: number;
  /** Whether source IP, user agent and audit ID are shown too. */
  readonly hasOrigin?: boolean;
}

/** A table of requests by their latest stages. The time of each links to its search. */
export function RequestRows({ of, caption, most, hasOrigin = false }: RequestRowsProps) {
  return (
    <Table
      class="requests"
      caption={caption}
      columns={hasOrigin ? [...COLUMNS, ...ORIGIN] : COLUMNS}
      rows={latestStages(of).slice(0, most)}
      classOf={(record) => (isDenied(record) ? 'denied' : undefined)}
      keyOf={({ auditId, time }, index) => `${auditId} ${time} ${index}`}
    />
  );
}

const COLUMNS: readonly Column<AuditRecord>[] = [
  { title: 'Time', class: 'when', cell: (record) => <When of={record} /> },
  {
    title: 'Who',
    cell: (record) => (
      <By of={record.attribution}>
        <WhoOf of={record} />
      </By>
    ),
  },
  { title: 'Request', cell: (record) => <What of={record} /> },
  { title: 'Where', cell: (record) => <Where of={record} /> },
  { title: 'Response', class: 'code', cell: ({ response }) => response?.code },
];

const ORIGIN: readonly Column<AuditRecord>[] = [
  { title: 'Source IP', cell: ({ source }) => <Text of={source?.ips?.at(-1) ?? ''} /> },
  { title: 'User agent', cell: ({ source }) => <Text of={source?.userAgent ?? ''} /> },
  { title: 'Audit ID', cell: ({ auditId }) => <Copy of={auditId} /> },
];

function When({ of: { auditId, time } }: { readonly of: AuditRecord }) {
  const at = parseInstant(time ?? '');
  return (
    <a href={href('who', { q: auditId })} title={`${shownTime(time)}: show who made this request`}>
      {at === undefined ? shownTime(time) : formatTime(at, 'row')}
    </a>
  );
}

/** The verb, resource, object and action of a request: `delete pods payments-api-5f77`. */
export function What({ of }: { readonly of: Pick<AuditRecord, 'request' | 'action'> }) {
  const { verb = '', name, uri = '' } = of.request ?? {};
  const action = actionText(of.action);
  const isGrave = verb.startsWith('delete') || of.request?.subresource === 'exec';
  return (
    <span class="what">
      <b class={isGrave ? 'verb grave' : 'verb'}>
        <Text of={verb} />
      </b>{' '}
      <Text of={resourceOf(of.request) ?? uri} />{' '}
      {name !== undefined && (
        <a class="object" href={href('who', { q: name, as: 'object' })}>
          <Text of={name} />
        </a>
      )}{' '}
      {action !== '' && (
        <code class="action">
          <Text of={action} />
        </code>
      )}
    </span>
  );
}

/** The namespace and the cluster of a request. */
export function Where({ of }: { readonly of: ClusterFields & Pick<AuditRecord, 'request'> }) {
  const { request } = of;
  const cluster = clusterText(of);
  const namespace = request?.namespace;
  return (
    <span class="where">
      {namespace !== undefined && <Name kind="namespace" of={namespace} within={{ cluster }} />}
      {cluster !== '' && (
        <span class="where-cluster">
          <Name kind="cluster" of={cluster} />
        </span>
      )}
    </span>
  );
}
