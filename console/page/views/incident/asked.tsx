import { operand } from '../../../../lib/shell.ts';
import type { AnythingBody, RecordsAnswer } from '../../core/answers.ts';
import { type Asking, useAsked } from '../../core/asked.ts';
import { href } from '../../core/place.ts';
import { AddToIncident } from '../../parts/add-to-incident.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Text } from '../../parts/text.tsx';

/** What somebody came with from another page: its requests are offered for the report. */
export function Asked({ q }: { readonly q: string }) {
  const who = useAsked<AnythingBody>('/whois', [['q', q]]);
  const answers = who.answer === undefined ? [] : 'answers' in who.answer ? who.answer.answers : [who.answer];
  const ids = [...new Set(answers.flatMap(({ request }) => request?.auditId ?? []))];
  const records = useAsked<RecordsAnswer>(
    '/records',
    ids.length === 0 ? undefined : [...ids.map((id) => ['auditId', id] as const), ['limit', '1000']],
  );
  const found = records.answer?.records ?? [];
  return (
    <div class="card incident-asked no-print" aria-busy={who.isBusy || records.isBusy}>
      <p>
        <b>
          <Text of={answers[0]?.subject ?? q} />
        </b>
      </p>
      {found.length > 0 && <AddToIncident of={found} />}
      {found.length === 0 && <WithoutRequest who={who} records={records} />}
      <p class="busy">
        The whole report, with all that the person did around that time and what to do next:{' '}
        <Copy of={`eks-whois incident ${operand(q)}`} />
      </p>
    </div>
  );
}

interface WithoutRequestProps {
  readonly who: Asking<unknown>;
  readonly records: Asking<unknown>;
}

/** That there is none is said once both were answered: that nothing is known of it (404) is an answer too. */
function WithoutRequest({ who, records }: WithoutRequestProps) {
  const [asking] = [who, records].filter(({ problem }) => problem !== undefined && problem.status !== 404);
  if (asking?.problem !== undefined) return <Problem of={asking.problem} again={asking.again} />;
  if (who.isBusy || records.isBusy) return <p class="busy">Loading…</p>;
  return (
    <p class="busy">
      No request of its own is recorded: look for what was done in the <a href={href('timeline')}>timeline</a>, and add
      it from there.
    </p>
  );
}
