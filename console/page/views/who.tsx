import type { AnythingBody } from '../core/answers.ts';
import { useAsked } from '../core/asked.ts';
import { place } from '../core/place.ts';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status.tsx';
import { Text } from '../parts/text.tsx';

/** What is known of what somebody pasted. */
export function Who() {
  const q = place.value.params.get('q') ?? '';
  const { answer, problem, isBusy, again } = useAsked<AnythingBody>('/whois', q === '' ? undefined : [['q', q]]);
  if (problem !== undefined) return <Problem of={problem} again={again} />;
  if (answer === undefined) return isBusy ? <p class="busy">Asking…</p> : <p>Paste something above.</p>;
  const answers = 'answers' in answer ? answer.answers : [answer];
  return (
    <section>
      {answers.map((each) => (
        <article key={each.subject} class="card">
          <h1>
            <Text of={each.attribution?.actor?.name ?? each.subject} />
          </h1>
          {each.attribution !== undefined && <StatusBadge of={each.attribution.status} />}
        </article>
      ))}
    </section>
  );
}
