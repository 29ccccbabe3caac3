import type { RecordsAnswer } from '../core/answers.ts';
import { useAsked } from '../core/asked.ts';
import { place } from '../core/place.ts';
import { questionNames } from '../core/question.ts';
import { range, timeParams } from '../core/range.ts';
import { shownTime } from '../core/times.ts';
import { Name } from '../parts/name.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status.tsx';
import { Text } from '../parts/text.tsx';

/** Everything that was done in the time that is looked at, newest first. */
export function Timeline() {
  const filters = [...place.value.params].filter(([name]) => questionNames.has(name));
  const { answer, problem, isBusy, again } = useAsked<RecordsAnswer>('/records', [
    ...filters,
    ...timeParams(range.value),
    ['limit', '200'],
  ]);
  if (problem !== undefined) return <Problem of={problem} again={again} />;
  return (
    <section aria-busy={isBusy}>
      <h1>Timeline</h1>
      <table>
        <thead>
          <tr>
            {['Time', 'Who', 'Status', 'Verb', 'What', 'Namespace', 'Cluster', 'Code'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer?.records.map(({ auditId, stage, time, attribution, request, cluster, response }) => (
            <tr key={`${auditId} ${stage} ${time}`}>
              <td>{shownTime(time)}</td>
              <td>{attribution.actor?.name !== undefined && <Name kind="actor" of={attribution.actor.name} />}</td>
              <td>
                <StatusBadge of={attribution.status} provisional={attribution.provisional} />
              </td>
              <td>{request?.verb !== undefined && <Text of={request.verb} />}</td>
              <td>{request?.resource !== undefined && <Text of={request.resource} />}</td>
              <td>{request?.namespace !== undefined && <Text of={request.namespace} />}</td>
              <td>{cluster !== undefined && <Name kind="cluster" of={cluster} />}</td>
              <td>{response?.code}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
