import { operand } from '../../../../lib/shell.ts';
import type { AnythingBody, RecordsAnswer } from '../../core/answers.ts';
import { useAsked } from '../../core/asked.ts';
import { href } from '../../core/place.ts';
import { AddToIncident } from '../../parts/add-to-incident.tsx';
import { Copy } from '../../parts/copy.tsx';
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
      {found.length === 0 && !who.isBusy && !records.isBusy && (
        <p class="busy">
          No request of its own is recorded: look for what was done in the <a href={href('timeline')}>timeline</a>, and
          add it from there.
        </p>
      )}
      <p class="busy">
        The whole report, with all that the person did around that time and what to do next:{' '}
        <Copy of={`eks-whois incident ${operand(q)}`} />
      </p>
    </div>
  );
}
