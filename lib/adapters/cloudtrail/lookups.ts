import type { Question, SessionQuestion } from '../../attribution/questions.ts';
import type { SessionKey } from '../../identity/session-key.ts';
import { mayDecideAsGuess } from '../../identity/session-name.ts';
import type { EpochMillis } from '../../time.ts';
import type { LookupRequest } from './lookup-scope.ts';

/** A look-up: the attribute and value of a request to LookupEvents, and the kind of fact that it finds. */
export interface Lookup {
  readonly attribute: LookupRequest['attribute'];
  readonly value: string;
  readonly finds: 'key' | 'session' | 'use';
  /** Present if the session name was only guessed from a username. */
  readonly isGuess?: true;
  /**
   * Present for the second look-up of a session: the session, and the times at which it began. It is sent only
   * without such a time, or if the first look-up finds no grant for one.
   */
  readonly instead?: { readonly key: SessionKey; readonly began: readonly EpochMillis[] };
}

interface Lookups {
  /** The look-ups in this order: names as they were read, other spellings, second look-ups of sessions. */
  readonly lookups: readonly Lookup[];
  /** The number of other spellings and guesses that were left out. */
  readonly notSearched: number;
}

/** Limits the other spellings for one answer. Each takes half a second, and settle has less than a minute for all. */
const MOST_SPELLINGS = 16;
/**
 * Limits the names that are guessed from one username. Only a username that somebody filled with punctuation has more
 * that could decide.
 */
const MOST_GUESSES = 16;

export function lookupsOf(questions: readonly Question[]): Lookups {
  const wanted = distinct(questions.flatMap(lookupOf));
  const guesses = wanted.filter(({ isGuess }) => isGuess);
  const left = new Set(guesses.slice(MOST_GUESSES));
  const read = wanted.filter((lookup) => !left.has(lookup));
  const first = read.filter(({ instead }) => instead === undefined);
  const second = read.filter(({ instead }) => instead !== undefined);
  const known = new Set(first.map(idOf));
  const spellings = distinct(spellingsOf(questions).map(bySession)).filter((lookup) => !known.has(idOf(lookup)));
  return {
    lookups: [...first, ...spellings.slice(0, MOST_SPELLINGS), ...second],
    notSearched: left.size + Math.max(0, spellings.length - MOST_SPELLINGS),
  };
}

function distinct(lookups: readonly Lookup[]): Lookup[] {
  return [...new Map(lookups.map((lookup) => [idOf(lookup), lookup])).values()];
}

function idOf({ attribute, value }: Lookup): string {
  return `${attribute} ${value}`;
}

interface SessionOwner {
  readonly owner: string;
  readonly name: string;
}

function lookupOf(question: Question): Lookup[] {
  switch (question.kind) {
    case 'grants-of-key':
      return [{ attribute: 'ResourceName', value: question.accessKeyId, finds: 'key' }];
    case 'grants-of-token': // LookupEvents cannot search by token ID, so all tokens of the time are read.
      return [{ attribute: 'EventName', value: 'GetWebIdentityToken', finds: 'session' }];
    case 'uses-of-key':
      return question.only !== undefined
        ? []
        : [{ attribute: 'AccessKeyId', value: question.accessKeyId, finds: 'use' }];
    case 'grants-of-session':
      return lookupOfSession(question);
    case 'unnamed-service-grants':
      return question.weak ? [] : [{ attribute: 'ResourceName', value: question.name, finds: 'session' }];
    default:
      return [];
  }
}

/**
 * Returns the look-ups of a session. `<roleId>:<name>` is a resource of the grant, unless the grant was for a service
 * and has no `assumedRoleUser`. Such a grant has only the session name (FACTS). That name is looked up if the rules
 * know the role only by name.
 */
function lookupOfSession(question: SessionQuestion): Lookup[] {
  if (!mayBeLookedUp(question)) return [];
  const { key, name, began = [], guess } = question;
  const owner = ownerOf(question);
  const guessed = guess === false ? {} : { isGuess: true as const };
  if (!owner.includes('/')) return [{ ...bySession({ owner, name }), ...guessed }];
  return [{ attribute: 'ResourceName', value: name, finds: 'session', instead: { key, began }, ...guessed }];
}

/**
 * Returns the session names that look the same in a username, those like an email address first. Any `-` may have been
 * the `@`. A name that is left out may be another person's.
 */
function spellingsOf(questions: readonly Question[]): SessionOwner[] {
  const spellings = questions.flatMap((question) => {
    if (question.kind !== 'grants-of-session' || !question.dashed || !mayBeLookedUp(question)) return [];
    return spellingsWithAt(question.name).map((name) => ({ owner: ownerOf(question), name }));
  });
  return spellings.sort((a, b) => Number(looksLikeEmail(b.name)) - Number(looksLikeEmail(a.name)));
}

function mayBeLookedUp({ guess, name }: SessionQuestion): boolean {
  return guess === false || (guess === true && mayDecideAsGuess(name));
}

/** Returns the role ID, or a federated user's account, or a role's account and name. */
function ownerOf({ key }: SessionQuestion): string {
  return key.slice(0, key.indexOf(':'));
}

function bySession({ owner, name }: SessionOwner): Lookup {
  return { attribute: 'ResourceName', value: `${owner}:${name}`, finds: 'session' };
}

/**
 * Returns the session names that the template `{{SessionName}}`, which writes `-` for `@`, may have turned into this
 * one. In each, one `-` is an `@`, because an email address has exactly one. The name with the shortest domain comes
 * first.
 */
function spellingsWithAt(dashedName: string): string[] {
  const dashes = [...dashedName.matchAll(/-/g)].reverse();
  return dashes.map(({ index }) => `${dashedName.slice(0, index)}@${dashedName.slice(index + 1)}`);
}

/** Returns whether the name has a text before the `@`, and a domain with a dot after it. */
function looksLikeEmail(name: string): boolean {
  return /^[^@]+@[^@.-][^@]*\.[^@.-]+$/.test(name);
}
