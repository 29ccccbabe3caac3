import type { Actor } from '../../../lib/attribution/actor.ts';
import { actorName, filedName } from '../../../lib/attribution/actor-names.ts';
import type { KeptAttribution } from '../../../lib/claims/kept-record.ts';
import type { AuditRecord } from '../core/answers.ts';
import { sessionOfCaller } from '../core/session-of.ts';
import { Name } from './name.tsx';
import { Text } from './text.tsx';

/** An actor, leading to the page of all that they did. */
export function ActorName({ of }: { readonly of: Actor }) {
  const name = filedName(of);
  if (name === undefined) return <Text of={actorName(of)} />;
  if (of.delegate === undefined)
    return <Name kind="actor" of={name} shown={name.startsWith('arn:') && of.sessionName ? actorName(of) : name} />;
  return (
    <>
      somebody of account <Text of={of.delegate.accountId} /> with <Name kind="actor" of={name} />
    </>
  );
}

const MOST_NAMED = 3;
type Candidates = Pick<KeptAttribution, 'candidates' | 'candidatesLeftOut'>;

/** Who did what a record says: the actor, all who can be meant, or the caller where nobody is known. */
export function WhoOf({ of }: { readonly of: Pick<AuditRecord, 'attribution' | 'caller' | 'impersonated'> }) {
  const { attribution, caller, impersonated } = of;
  const { actor, candidates } = attribution;
  const as = attribution.method === 'proxy' ? undefined : (impersonated?.username ?? impersonated?.uid);
  return (
    <>
      {actor !== undefined && <ActorName of={actor} />}
      {candidates !== undefined && <AnyOf of={attribution} />}
      {actor === undefined && candidates === undefined && (
        <>
          {attribution.status !== 'system' && '? '}
          <CallerName of={caller} />
        </>
      )}
      {as !== undefined && (
        <>
          {' as '}
          <Text of={as} />
        </>
      )}
    </>
  );
}

/** `a or b`: nobody is named, and nobody who can be meant is hidden. */
export function AnyOf({ of: { candidates = [], candidatesLeftOut = 0 } }: { readonly of: Candidates }) {
  const shown = candidates.slice(0, MOST_NAMED);
  const more = candidates.length - shown.length + candidatesLeftOut;
  return (
    <>
      {shown.map(({ actor }, index) => (
        <>
          {index > 0 && ' or '}
          <ActorName of={actor} />
        </>
      ))}
      {more > 0 && ` or ${more} more`}
    </>
  );
}

function CallerName({ of }: { readonly of: AuditRecord['caller'] }) {
  const shown = of.username ?? of.uid ?? 'a caller without a name';
  const session = of.kind.startsWith('kubernetes') ? undefined : sessionOfCaller(of);
  if (session === undefined) return <Text of={shown} />;
  return <Name kind="session" of={session} shown={shown} />;
}
