import { parseInstant } from '../../../lib/time.ts';
import { latestStages } from '../../../lib/usecases/activity/requests.ts';
import { isDenied } from '../../../lib/words/notable.ts';
import type { AuditRecord } from '../core/answers.ts';
import { resourceOf } from '../core/facets.ts';
import { href } from '../core/place.ts';
import { formatTime, shownTime } from '../core/times.ts';
import { FlagTag, StatusBadge } from './signs.tsx';
import { Name, Text } from './text.tsx';
import { WhoOf } from './who-name.tsx';

interface RequestRowsProps {
  readonly of: readonly AuditRecord[];
  readonly caption: string;
  /** So many of them. */
  readonly most?: number;
}

/** Requests in a table, by their latest stages, each leading to who is behind it. */
export function RequestRows({ of, caption, most }: RequestRowsProps) {
  return (
    <div class="table-frame">
      <table class="requests">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {['Time', 'Who', 'What', 'Where', 'Answer'].map((title) => (
              <th scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {latestStages(of)
            .slice(0, most)
            .map((record, index) => (
              <Row key={`${record.auditId} ${record.time} ${index}`} of={record} />
            ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ of: record }: { readonly of: AuditRecord }) {
  const { auditId, time, attribution, response } = record;
  const at = parseInstant(time ?? '');
  return (
    <tr class={isDenied(record) ? 'denied' : undefined}>
      <td class="when">
        <a href={href('who', { q: auditId })} title={`${shownTime(time)}: who is behind it, and why`}>
          {at === undefined ? shownTime(time) : formatTime(at, 'row')}
        </a>
      </td>
      <td>
        <span class="by">
          <StatusBadge of={attribution.status} provisional={attribution.provisional} />
          <span class="by-name">
            <WhoOf of={record} />
          </span>
          <FlagTag of={attribution.flags} />
        </span>
      </td>
      <td>
        <What of={record} />
      </td>
      <td>
        <Where of={record} />
      </td>
      <td class="code">{response?.code}</td>
    </tr>
  );
}

/** `delete pods payments-api-5f77`. */
export function What({ of }: { readonly of: Pick<AuditRecord, 'request'> }) {
  const { verb = '', name, uri = '' } = of.request ?? {};
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
      )}
    </span>
  );
}

export function Where({ of: { request, cluster } }: { readonly of: Pick<AuditRecord, 'request' | 'cluster'> }) {
  const namespace = request?.namespace;
  return (
    <span class="where">
      {namespace !== undefined && <Name kind="namespace" of={namespace} within={{ cluster }} />}
      {cluster !== undefined && (
        <span class="where-cluster">
          <Name kind="cluster" of={cluster} />
        </span>
      )}
    </span>
  );
}
