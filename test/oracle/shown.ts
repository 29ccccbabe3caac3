import type { Caller } from './caller.ts';
import type { Joint, Outcome } from './chain.ts';
import { present } from './json.ts';
import { agreeingUses } from './match.ts';
import { compare, type Identity, type KnownWorld, type StatedIn } from './records.ts';
import { beganWith } from './session.ts';
import { isAgents } from './signs.ts';
import { printTime } from './time.ts';
import type { ShowingUse, UseLink } from './types.ts';

/** Returns what uses show besides the owner of the session, if no grant of the chain shows it. */
export function shownBy({ actor, joints }: Outcome, caller: Caller, known: KnownWorld): ShowingUse[] {
  const uses = agreeingUses(caller, known);
  const own = joints.at(-1);
  const began = own?.joinedBy === 'session-start' ? uses.filter((use) => beganWith(use, own.grant, known)) : [];
  const accountId = actor.delegate?.accountId;
  const delegated = (one: Identity) => accountId !== undefined && one.delegate === accountId;
  const byGrants = joints.map(({ grant }) => grant.caller);
  return [
    ...showing('session-start', began),
    ...showing('acts-by-delegation', byGrants.some(delegated) ? [] : uses.filter(delegated)),
    ...agents(uses, joints, known),
  ];
}

/**
 * Returns the record of an agent. If it has another key than the event, also the use that shows which sign-in it
 * belongs to.
 */
function agents(uses: readonly Identity[], joints: readonly Joint[], known: KnownWorld): ShowingUse[] {
  const byGrants = joints.map(({ grant }) => grant.caller);
  if (byGrants.some(isAgents)) return [];
  if (uses.some(isAgents)) return showing('through-agent', uses.filter(isAgents));
  const signIns = [...byGrants, ...uses].flatMap(({ signInSession }) => signInSession ?? []).sort();
  const acted = known.callers.map(({ identity }) => identity).filter(isAgents);
  const signIn = signIns.find((one) => acted.some(({ signInSession }) => signInSession === one));
  const isOf = ({ signInSession }: Identity) => signIn !== undefined && signInSession === signIn;
  return [
    ...showing('through-agent', byGrants.some(isOf) ? [] : uses.filter(isOf)),
    ...showing('through-agent', acted.filter(isOf)),
  ];
}

function showing(shows: ShowingUse['shows'], uses: readonly Identity[]): ShowingUse[] {
  const link = bestOf(uses.flatMap(({ statedIn }) => statedIn ?? []));
  return link === undefined ? [] : [{ shows, ...link }];
}

/** Returns the best record: one with an event ID, then the earliest, then by event ID. */
export function bestOf(records: readonly StatedIn[]): UseLink | undefined {
  const [first] = [...records].sort(betterEvidence);
  return (
    first &&
    present<UseLink>({
      eventName: first.eventName,
      eventIds: first.eventId === undefined ? [] : [first.eventId],
      region: first.region,
      time: first.time === undefined ? undefined : printTime(first.time),
    })
  );
}

function betterEvidence(a: StatedIn, b: StatedIn): number {
  const hasNoId = ({ eventId }: StatedIn) => (eventId === undefined ? 1 : 0);
  const time = (one: StatedIn) => one.time ?? Number.MAX_VALUE;
  return hasNoId(a) - hasNoId(b) || time(a) - time(b) || compare(a.eventId, b.eventId);
}
