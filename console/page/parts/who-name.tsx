import type { ComponentChildren } from 'preact';
import type { Actor } from '../../../lib/attribution/actor.ts';
import { homeText } from '../../../lib/attribution/actor-id.ts';
import { actorName, filedName, misleads } from '../../../lib/attribution/actor-names.ts';
import type { Attribution } from '../../../lib/attribution/attribution.ts';
import type { GrantJoin } from '../../../lib/attribution/chain.ts';
import type { KeptAttribution } from '../../../lib/claims/kept-record.ts';
import { assumedRoleRef, federatedUserName, roleRef, userName } from '../../../lib/identity/arn.ts';
import { byMethod } from '../../../lib/words/certainty.ts';
import { kindWords } from '../../../lib/words/kind-words.ts';
import type { AuditRecord, KnownAnswer } from '../core/answers.ts';
import { homeOfShared, nameOfActor } from '../core/people.ts';
import { sessionOfCaller } from '../core/sessions.ts';
import { shownTime } from '../core/times.ts';
import { FlagTag, StatusBadge } from './signs.tsx';
import { Name, Text } from './text.tsx';

/** Returns the kind of an actor or caller as a label of its own: `Role session`. */
export function kindTitle(kind: string): string {
  const text = kindWords(kind);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns whether the kind is a person's identity. All others are programs or the platform. */
export function isPerson(kind: string): boolean {
  return ['iam-user', 'root', 'identity-center-user', 'saml-user', 'federated-user', 'proxied-user'].includes(kind);
}

/** Returns how a grant was matched, in words, and whether such a match is proof. */
export function tieWords(joinedBy: GrantJoin | 'token'): Tie {
  const isSure = joinedBy !== 'session-name' && joinedBy !== 'username';
  return { words: `matched ${byMethod(joinedBy)}${isSure ? '' : ' only'}`, isSure };
}

interface Tie {
  readonly words: string;
  readonly isSure: boolean;
}

/** The name of an actor, with a link to their page. */
export function ActorName({ of }: { readonly of: Actor }) {
  const name = filedName(of);
  if (name === undefined) return <Text of={actorName(of)} />;
  const isArn = name.startsWith('arn:') && of.sessionName !== undefined;
  if (of.delegate === undefined)
    return <ActorLink id={of.id} name={isArn || misleads(name, of.id) ? actorName(of) : name} />;
  return (
    <>
      someone in account <Text of={of.delegate.accountId} /> using the identity of <ActorLink id={of.id} name={name} />
    </>
  );
}

interface ActorLinkProps {
  readonly id: string;
  /** The name to show. Absent: the latest that is known. */
  readonly name?: string;
  readonly isTabSkipped?: boolean;
}

/** A link to an actor's page. The account, directory or cluster stands beside a name that another actor has too. */
export function ActorLink({ id, name = nameOfActor(id), isTabSkipped = false }: ActorLinkProps) {
  const home = homeOfShared(id, name);
  return (
    <>
      <Name kind="actor" of={id} shown={name} isTabSkipped={isTabSkipped} />
      {home !== undefined && (
        <>
          {' '}
          <span class="aside">
            (<Text of={home} />)
          </span>
        </>
      )}
    </>
  );
}

const MOST_NAMED = 3;
type Candidates = Pick<KeptAttribution, 'candidates' | 'candidatesLeftOut'>;

/** The actor of a record, all possible actors, or the caller if no actor is known. */
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

/** The actor of an attribution, between its status and its flags. */
export function By({ of, children }: { readonly of: Attribution; readonly children: ComponentChildren }) {
  return (
    <span class="by">
      <StatusBadge of={of.status} provisional={of.provisional} />
      <span class="by-name">{children}</span>
      <FlagTag of={of.flags} />
    </span>
  );
}

/** All possible actors: `a or b`. */
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
  const shown = of.username ?? of.uid ?? 'unnamed caller';
  const session = of.kind.startsWith('kubernetes') ? undefined : sessionOfCaller(of);
  if (session === undefined) return <Text of={shown} />;
  return <Name kind="session" of={session} shown={shown} />;
}

/** A list of actors, each with its account, directory or cluster, and when it was first seen. */
export function Newcomers({ of }: { readonly of: KnownAnswer['known'] }) {
  return (
    <ul class="overview-list">
      {of.map(({ name, id = name, first }) => (
        <li>
          <span>
            <Name kind="actor" of={id} shown={nameInArn(name) ?? name} />{' '}
            {homeText(id) !== undefined && <span class="aside">{homeText(id)}</span>}
          </span>
          <time dateTime={first}>{shownTime(first)}</time>
        </li>
      ))}
    </ul>
  );
}

/** Returns the name in an ARN, as the timeline shows it. */
function nameInArn(arn: string): string | undefined {
  const [session, federated] = [assumedRoleRef(arn)?.sessionName, federatedUserName(arn)];
  if (session !== undefined) return `session ${session}`;
  return federated === undefined ? (userName(arn) ?? roleRef(arn)?.roleName) : `federated user ${federated}`;
}
