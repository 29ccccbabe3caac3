import { homeText, isActorId, personOf as personOfId } from '../../../attribution/actor-id.ts';
import { filedName } from '../../../attribution/actor-names.ts';
import { withoutFraction } from '../../../time.ts';
import { areSeveralPeople } from '../people.ts';
import { lastSeen } from './at-moment.ts';
import { joinSentences, type PersonOfSessions, type SessionFound, type SessionsOutcome } from './outcomes.ts';

/**
 * Returns the sessions grouped by person if the name means several people. The person with the latest session comes
 * first, and earlier sessions count too. If the name means one person, the outcome stays the same.
 */
export function groupedByPerson(found: SessionsOutcome, name: string): SessionsOutcome {
  const listed = new Set(found.sessions);
  const all = [...found.sessions, ...(found.earlier?.sessions ?? [])];
  const groups = [...Map.groupBy(all, ({ attribution: { actor } }) => (actor === undefined ? '' : personOfId(actor)))];
  if (isActorId(name) || !areSeveralPeople(groups.map(([id]) => ({ id })))) return found;
  const people = groups.flatMap(([id, sessions]) => personOf(id, sessions, listed) ?? []);
  return {
    ...found,
    ambiguousName: true,
    sessions: groups.flatMap(([, sessions]) => sessions.filter((session) => listed.has(session))),
    people,
    note: joinSentences(
      `${name} means ${people.length} people: ${listedText(people)}. Give the ID of one of them.`,
      found.note,
    ),
  };
}

/** Adds the present names of people who had another name at the time of their sessions. */
export function withNamesToday(found: SessionsOutcome): SessionsOutcome {
  const renamed = new Map(
    found.sessions.flatMap(({ attribution: { actor } }) =>
      actor?.nameToday === undefined ? [] : [[personOfId(actor), actor] as const],
    ),
  );
  const words = [...renamed].slice(0, MOST_LISTED).map(([id, actor]) => {
    return `${actor.name ?? id} is called ${actor.nameToday} today (${id}).`;
  });
  const further = renamed.size - words.length;
  const all = [...words, ...(further > 0 ? [`${further} more people have another name today.`] : [])];
  return { ...found, note: joinSentences(...all, found.note) };
}

/** The maximum number of people in a sentence. */
const MOST_LISTED = 5;

function listedText(people: readonly PersonOfSessions[]): string {
  const words = people.slice(0, MOST_LISTED).map(({ id, last }) => {
    const facts = [homeText(id), last && `last seen ${withoutFraction(last)}`].filter(Boolean);
    return facts.length === 0 ? id : `${id} (${facts.join(', ')})`;
  });
  const further = people.length - MOST_LISTED;
  return [...words, ...(further > 0 ? [`and ${further} more`] : [])].join('; ');
}

function personOf(
  id: string,
  sessions: readonly SessionFound[],
  listed: ReadonlySet<SessionFound>,
): PersonOfSessions | undefined {
  const actor = sessions.find(({ attribution }) => attribution.actor !== undefined)?.attribution.actor;
  if (actor === undefined) return undefined;
  const { idBasis, accountId, samePerson } = actor;
  return {
    id,
    idBasis,
    name: filedName(actor) ?? id,
    accountId,
    ...(samePerson && { samePerson }),
    last: lastSeen(sessions),
    sessions: sessions.filter((session) => listed.has(session)).length,
  };
}
