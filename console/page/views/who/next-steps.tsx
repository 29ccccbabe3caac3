import type { ComponentChildren } from 'preact';
import { filedName } from '../../../../lib/attribution/actor-names.ts';
import { operand } from '../../../../lib/shell.ts';
import { MINUTE, parseInstant } from '../../../../lib/time.ts';
import { href, place } from '../../core/place.ts';
import { chosenTime } from '../../core/range.ts';
import { sessionOfCaller } from '../../core/session-of.ts';
import { Copy } from '../../parts/copy.tsx';
import { PartTitle } from '../../parts/part-title.tsx';
import { Text } from '../../parts/text.tsx';
import type { CardOf } from './card-of.ts';

/** Longer texts are nobody's to type again: what they were about is asked instead. */
const LONGEST_COMMAND = 300;
const AROUND = 15 * MINUTE;

/** Where to look next, and the same on the command line. */
export function NextSteps({ of, q }: { readonly of: CardOf; readonly q: string }) {
  const { attribution, caller, request } = of;
  const { actor, candidates = [] } = attribution;
  const people = [...(actor === undefined ? [] : [actor]), ...candidates.map((candidate) => candidate.actor)];
  const names = [...new Set(people.flatMap((each) => filedName(each) ?? []))];
  const session = caller === undefined || attribution.status === 'system' ? undefined : sessionOfCaller(caller);
  const at = parseInstant(request?.time ?? '');
  const asked = q.length <= LONGEST_COMMAND ? q : (request?.auditId ?? session);
  return (
    <nav aria-label="Next steps">
      <PartTitle>Next</PartTitle>
      <ul class="next">
        {names.map((name) => (
          <Step to={href('actor', { of: name })}>
            Everything that <Text of={name} /> did
          </Step>
        ))}
        {session !== undefined && place.value.view !== 'session' && (
          <Step to={href('session', { of: session })}>All that this session did</Step>
        )}
        {at !== undefined && (
          <Step
            to={href('timeline', {
              ...chosenTime({ from: at - AROUND, to: at + AROUND }),
              cluster: request?.cluster,
              namespace: request?.namespace,
            })}
          >
            What else happened there, 15 minutes before and after
          </Step>
        )}
        {attribution.status === 'unattributed' && <Step to={href('todo')}>All sessions that nobody can name</Step>}
        <Step to={href('incident', { q: asked ?? null })}>Report it as an incident</Step>
      </ul>
      {asked !== undefined && (
        <p class="command">
          <Copy of={`eks-whois ${operand(asked)}`} />
        </p>
      )}
    </nav>
  );
}

function Step({ to, children }: { readonly to: string; readonly children: ComponentChildren }) {
  return (
    <li>
      <a href={to}>{children}</a>
    </li>
  );
}
