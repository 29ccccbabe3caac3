import type { Actor } from './actor.ts';

/** Every text by which an actor is asked for: name, ARN, principalId; the first is the one it is filed under. */
export function namesOfActor({ name, arn, principalId, sessionName }: Actor): readonly string[] {
  const names = [name, arn, principalId].filter((text) => text !== undefined);
  if (names.length > 0) return names;
  return sessionName === undefined ? [] : [sessionName];
}

/** How an actor is called in summaries and alerts: the kind, and its name, else what is known instead of one. */
export function actorLabel({ kind, name, arn, principalId, sessionName, workload }: Actor): string {
  const who = name ?? arn ?? principalId ?? sessionName ?? '(no name)';
  return workload === undefined ? `${kind} ${who}` : `${kind} ${who} (${workload})`;
}

/** An actor's name as a person reads it, where the kind stands elsewhere; where it has none, what is known in its place. */
export function actorName({ name, workload, sessionName, arn, principalId, accountId, kind }: Actor): string {
  if (name !== undefined) return workload === undefined ? name : `${name} (${workload})`;
  if (kind === 'role-session') return `session ${sessionName ?? arn ?? principalId ?? '?'}`;
  if (kind === 'federated-user') return `federated user ${sessionName ?? '?'}`;
  return [principalId ?? 'somebody', accountId && `of account ${accountId}`].filter(Boolean).join(' ');
}

/** Whether the text names the actor exactly. */
export function isAbout(actor: Actor, text: string): boolean {
  return namesOfActor(actor).includes(text);
}
