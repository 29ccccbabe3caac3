import type { Actor } from './actor.ts';

/** Every text by which an actor is asked for: name, ARN, principalId; the first is the one it is filed under. */
export function namesOfActor({ name, arn, principalId, sessionName }: Actor): readonly string[] {
  const names = [name, arn, principalId].filter((text) => text !== undefined);
  if (names.length > 0) return names;
  return sessionName === undefined ? [] : [sessionName];
}

/** Whether the text names the actor exactly. */
export function isAbout(actor: Actor, text: string): boolean {
  return namesOfActor(actor).includes(text);
}
