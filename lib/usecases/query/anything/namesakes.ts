import type { Claims } from '../../../ports/claims.ts';
import type { Directory } from '../../../ports/directory.ts';
import type { Subject } from '../../../recognise/subject.ts';
import { type KnownRow, listKnown } from '../known-query.ts';
import { listSessions, type SessionRow } from '../sessions-query.ts';

/** What bears a name that is no person's and no role's. A list with nothing in it is absent. */
export interface Namesakes {
  /** Clusters and namespaces. */
  readonly known?: readonly KnownRow[];
  /** Callers of that username, or session name, whom nobody can name: of the newest hundred. */
  readonly sessions?: readonly SessionRow[];
}

const MOST = 20;
/** So many sessions are looked through, the newest (CONTRACT, HTTP, `q`). */
export const MOST_UNNAMED = 100;

/** Three questions to the tables; none where the subject is no name. */
export async function namesakes(
  subject: Subject,
  { directory, claims }: { readonly directory: Directory; readonly claims: Claims },
): Promise<Namesakes> {
  const name = nameOf(subject);
  if (name === undefined) return {};
  const [clusters, namespaces, unnamed] = await Promise.all([
    listKnown('cluster', name, { limit: MOST, position: undefined }, directory),
    listKnown('namespace', name, { limit: MOST, position: undefined }, directory),
    listSessions({ status: 'unattributed', limit: MOST_UNNAMED }, claims),
  ]);
  const known = [...clusters.known, ...namespaces.known].filter((row) => row.name === name);
  const sessions = unnamed.sessions.filter(({ caller }) => [caller.username, caller.sessionName].includes(name));
  return { ...(known.length > 0 && { known }), ...(sessions.length > 0 && { sessions }) };
}

function nameOf(subject: Subject): string | undefined {
  if (subject.by === 'person') return subject.person;
  if (subject.by === 'role') return subject.role;
  return subject.by === 'username' ? subject.username : undefined;
}
