import { roleOfRecord } from '../../../../lib/attribution/role-of-record.ts';
import { parseInstant } from '../../../../lib/time.ts';
import type { AuditRecord, KnownAnswer } from '../../core/answers.ts';
import { formatted, shownTime } from '../../core/times.ts';
import { Copy } from '../../parts/copy.tsx';
import { Fields } from '../../parts/fields.tsx';
import { Name } from '../../parts/name.tsx';
import type { Subject } from './subject.ts';

interface FactsProps {
  readonly subject: Subject;
  readonly rows: KnownAnswer['known'];
  readonly records: readonly AuditRecord[];
}

/** Which one it is, and when it was seen, as far as the directory knows: to the day. */
export function Facts({ subject, rows, records }: FactsProps) {
  const { kind, of, cluster } = subject;
  const first = rows.map((row) => row.first).sort()[0];
  const last = rows
    .map((row) => row.last)
    .sort()
    .at(-1);
  const arns = new Set(kind === 'cluster' ? [] : rows.flatMap(({ arn }) => arn ?? []));
  const ids = new Set(kind === 'cluster' ? [] : rows.flatMap(({ id }) => id ?? []));
  const role = kind === 'session' ? records.map(roleOfRecord).find((each) => each !== undefined) : undefined;
  const roleShown = role?.arns.at(-1) ?? role?.roleId;
  return (
    <Fields
      class="facts"
      of={[
        ['ARN', copies(arns)],
        ['id', copies(ids)],
        ['session', kind === 'session' ? <Copy of={of} /> : undefined],
        ['role', roleShown && <Name kind="role" of={roleShown} />],
        [
          'cluster',
          kind === 'namespace' ? (
            <Clusters of={cluster === undefined ? rows.map((row) => row.cluster) : [cluster]} />
          ) : undefined,
        ],
        ['first seen', first && shownTime(first)],
        ['last seen on', last && formatted(parseInstant(last) ?? 0, 'day')],
      ]}
    />
  );
}

function copies(of: ReadonlySet<string>) {
  return of.size === 0 ? undefined : [...of].map((each) => <Copy of={each} />);
}

function Clusters({ of }: { readonly of: readonly (string | undefined)[] }) {
  return <>{of.map((cluster) => cluster && <Name kind="cluster" of={cluster} />)}</>;
}
