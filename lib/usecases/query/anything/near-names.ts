import { nearest } from '../../../nearness.ts';
import type { Sessions } from './found.ts';

/** Where there is no session of the name, what is near it among those that are known. */
export function withNear(sessions: Sessions, name: string, known: Iterable<string | undefined>): Sessions {
  if (sessions.sessions.length > 0) return sessions;
  const near = nearest(
    name,
    [...known].filter((each) => each !== undefined),
  );
  if (near.length === 0) return sessions;
  const said = `Near it: ${near.join(', ')}.`;
  return { ...sessions, note: sessions.note === undefined ? said : `${said} ${sessions.note}` };
}
