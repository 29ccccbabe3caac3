import { clusterInFull, clusterText } from '../../../lib/identity/cluster.ts';
import { changedBy } from '../../../lib/usecases/changes/changes.ts';
import { gapsText } from '../../../lib/usecases/query/partial-roll-out.ts';
import type { FleetAnswer, FleetEntry } from '../core/answers.ts';
import { useQuery } from '../core/query.ts';
import { shownTime } from '../core/times.ts';
import { Problem, Rest } from '../parts/blocks.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Copy, Text } from '../parts/text.tsx';

/** Every account, Region and cluster that the service hears, and what is wrong with them. */
export function Fleet() {
  const { answer, problem, again, isBusy } = useQuery<FleetAnswer>('/fleet', []);
  return (
    <section class="page" aria-busy={isBusy}>
      <h1>Fleet</h1>
      {problem !== undefined && <Problem of={problem} again={again} />}
      {answer !== undefined && <Rows of={answer} />}
    </section>
  );
}

function Rows({ of: { at, fleet, left = 0, partialRollOuts = [] } }: { readonly of: FleetAnswer }) {
  if (fleet.length === 0)
    return (
      <p>
        The service has received no audit events and no CloudTrail records yet. To check the setup, run{' '}
        <Copy of="eks-whois doctor" />
      </p>
    );
  const rows = `${fleet.length} ${fleet.length === 1 ? 'row' : 'rows'}`;
  const troubled = fleet.filter(({ troubles }) => troubles.length > 0).length;
  return (
    <>
      <p>
        {troubled === 0 ? `No troubles in ${rows}` : `${troubled} of ${rows} have troubles`}, as of {shownTime(at)}.
      </p>
      <Table
        label="Accounts, Regions and clusters"
        class="fleet"
        columns={COLUMNS}
        rows={fleet}
        classOf={({ troubles }) => (troubles.length > 0 ? 'denied-count' : undefined)}
      />
      <Rest count={left} />
      {partialRollOuts.flatMap(gapsText).map((gap) => (
        <p key={gap}>{gap}</p>
      ))}
    </>
  );
}

function FilterChange({ of }: { readonly of: NonNullable<FleetEntry['filter']> }) {
  return (
    <>
      {shownTime(of.time)} by <Text of={changedBy(of)} />
    </>
  );
}

const COLUMNS: readonly Column<FleetEntry>[] = [
  { title: 'Account', isHead: true, cell: ({ accountId = 'unknown' }) => <Text of={accountId} /> },
  { title: 'Region', cell: ({ region = '' }) => <Text of={region} /> },
  { title: 'Cluster', cell: (row) => <Text of={row.origin ? clusterInFull(clusterText(row)) : (row.cluster ?? '')} /> },
  { title: 'Subscribed', cell: ({ subscription }) => <Text of={subscription?.standing ?? ''} /> },
  { title: 'Last event', cell: ({ events }) => (events === undefined ? '' : shownTime(events.last)) },
  { title: 'Lag', class: 'number', cell: ({ events }) => (events === undefined ? '' : `${events.lagSeconds} s`) },
  { title: 'Last grant', cell: ({ grants }) => (grants === undefined ? '' : shownTime(grants.last)) },
  { title: 'Subscription filter changed', cell: ({ filter }) => filter !== undefined && <FilterChange of={filter} /> },
  { title: 'Version', cell: ({ stack }) => <Text of={stack?.removed === true ? 'removed' : (stack?.version ?? '')} /> },
  { title: 'Troubles', cell: ({ troubles }) => troubles.join(', ') },
];
