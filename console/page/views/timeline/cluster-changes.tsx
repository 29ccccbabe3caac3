import { changeText } from '../../../../lib/cloudtrail/cluster-change.ts';
import { clusterText } from '../../../../lib/identity/cluster.ts';
import { type ChangeRow, changedBy, ONLY_DELIVERED } from '../../../../lib/usecases/changes/changes.ts';
import type { ChangesAnswer } from '../../../../lib/usecases/changes/changes-query.ts';
import { place } from '../../core/place.ts';
import { useQuery } from '../../core/query.ts';
import { isTimeKnown, range, timeParams } from '../../core/range.ts';
import { shownTime } from '../../core/times.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Copy, Name, Text } from '../../parts/text.tsx';
import { ActorLink } from '../../parts/who-name.tsx';

/** The filters that apply to changes of clusters too. */
const FILTERS = ['cluster', 'actor'] as const;
const MOST_SHOWN = 200;

/**
 * The changes of clusters through the EKS API in the time range. No audit log has them, so they are not rows of the
 * timeline. The section never disappears: it also says that no change is known, or why they are not known.
 */
export function ClusterChanges() {
  const { params } = place.value;
  const filters = FILTERS.flatMap((name) => params.getAll(name).map((value) => [name, value] as const));
  const query = [...filters, ...timeParams(range.value), ['limit', String(MOST_SHOWN)] as const];
  const { answer, problem } = useQuery<ChangesAnswer>('/changes', isTimeKnown.value ? query : undefined);
  const changes = answer?.changes ?? [];
  return (
    <details class="cluster-changes" open={changes.length > 0}>
      <summary>
        {titleOf(answer, problem?.message)}
        {changes.length > 0 && hasOtherFilters(params) && (
          <span class="aside"> Only the filters for clusters and actors apply to them.</span>
        )}
      </summary>
      {changes.length > 0 ? (
        <Table columns={COLUMNS} rows={changes} caption="Changes of clusters through the EKS API, newest first" />
      ) : (
        <p class="aside">{problem === undefined ? ONLY_DELIVERED : problem.message}</p>
      )}
    </details>
  );
}

function titleOf(answer: ChangesAnswer | undefined, problem: string | undefined): string {
  if (problem !== undefined) return 'Changes of clusters through the EKS API are not known';
  if (answer === undefined) return 'Changes of clusters through the EKS API';
  const { changes, cursor } = answer;
  if (changes.length === 0 && cursor === undefined)
    return 'No change of a cluster through the EKS API is known in this time range';
  const more = cursor === undefined ? '' : 'More than ';
  const noun = changes.length === 1 ? 'change of a cluster' : 'changes of clusters';
  return `${more}${changes.length} ${noun} through the EKS API, from CloudTrail`;
}

function hasOtherFilters(params: URLSearchParams): boolean {
  const common = new Set<string>([...FILTERS, 'from', 'to', 'last', 'open', 'by', 'system']);
  return [...params.keys()].some((name) => !common.has(name));
}

const COLUMNS: readonly Column<ChangeRow>[] = [
  { title: 'Time', class: 'when', cell: ({ time }) => shownTime(time) },
  { title: 'Who', cell: (row) => <Who of={row} /> },
  { title: 'Call', cell: ({ eventName }) => <Text of={eventName} /> },
  { title: 'What', cell: (row) => <Text of={changeText(row)} /> },
  {
    title: 'Cluster',
    cell: (row) => (clusterText(row) === '' ? null : <Name kind="cluster" of={clusterText(row)} />),
  },
  { title: 'Source IP', cell: ({ ip = '' }) => <Text of={ip} /> },
  { title: 'Event', cell: ({ eventId }) => eventId && <Copy of={eventId} /> },
];

function Who({ of }: { readonly of: ChangeRow }) {
  const { actor } = of.attribution ?? {};
  const words = changedBy(of);
  return actor?.name === words ? <ActorLink id={actor.id} name={words} /> : <Text of={words} />;
}
