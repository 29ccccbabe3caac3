import type { Grant } from '../cloudtrail/grant.ts';
import type { KnownUser } from '../cloudtrail/known-user.ts';
import type { Use } from '../cloudtrail/use.ts';
import type { SessionKey } from '../identity/session-key.ts';
import type { GrantIndex } from './grant-index.ts';
import type { KnownGrants } from './known-grants.ts';

/** What the rules wanted to know, for a source that holds the records elsewhere. */
export type Question =
  | { readonly kind: 'grants-of-key'; readonly accessKeyId: string }
  | { readonly kind: 'uses-of-key'; readonly accessKeyId: string }
  /** `name` as it was read; `guess` where it was only guessed from a username. */
  | { readonly kind: 'grants-of-session'; readonly key: SessionKey; readonly name: string; readonly guess: boolean }
  | { readonly kind: 'user-of-id'; readonly principalId: string }
  | { readonly kind: 'user-of-name'; readonly name: string };

/** Whether two questions are the same: their texts are. */
export function questionId(question: Question): string {
  return JSON.stringify(question);
}

/**
 * The grants known so far, noting what the rules ask of them. Whoever holds more answers the new questions, adds what
 * it found, and lets the rules decide again, until nothing new is asked: the rules stay pure and in one place.
 */
export class AskingIndex implements GrantIndex {
  readonly #known: KnownGrants;
  readonly #asked = new Map<string, Question>();
  #new: Question[] = [];

  constructor(known: KnownGrants) {
    this.#known = known;
  }

  /** The questions that came up since the last call, each once. */
  takeNew(): readonly Question[] {
    const questions = this.#new;
    this.#new = [];
    return questions;
  }

  grantsOfKey(accessKeyId: string): readonly Grant[] {
    this.#note({ kind: 'grants-of-key', accessKeyId });
    return this.#known.grantsOfKey(accessKeyId);
  }

  usesOfKey(accessKeyId: string): readonly Use[] {
    this.#note({ kind: 'uses-of-key', accessKeyId });
    return this.#known.usesOfKey(accessKeyId);
  }

  grantsOfSession(key: SessionKey, name: string): readonly Grant[] {
    this.#note({ kind: 'grants-of-session', key, name, guess: false });
    return this.#known.grantsOfSession(key);
  }

  identityCenterGrantsOfSession(key: SessionKey, name: string): readonly Grant[] {
    this.#note({ kind: 'grants-of-session', key, name, guess: false });
    return this.#known.identityCenterGrantsOfSession(key);
  }

  grantsOfGuess(key: SessionKey, name: string): readonly Grant[] {
    this.#note({ kind: 'grants-of-session', key, name, guess: true });
    return this.#known.grantsOfGuess(key);
  }

  userOf(principalId: string): KnownUser | undefined {
    this.#note({ kind: 'user-of-id', principalId });
    return this.#known.userOf(principalId);
  }

  isKnownUser(name: string): boolean {
    this.#note({ kind: 'user-of-name', name });
    return this.#known.isKnownUser(name);
  }

  #note(question: Question): void {
    const id = questionId(question);
    if (this.#asked.has(id)) return;
    this.#asked.set(id, question);
    this.#new.push(question);
  }
}
