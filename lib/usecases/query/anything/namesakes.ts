import type { Claims } from '../../../ports/claims.ts';
import type { Directory } from '../../../ports/directory.ts';
import type { Subject } from '../../../recognize/subject.ts';
import { listKnown } from '../known-query.ts';
import type { KnownRow } from '../known-row.ts';
import { listSessions, type SessionRow } from '../sessions-query.ts';

/** Other things with the same name, if no person and no role has it. An empty list is absent. */
export interface Namesakes {
  /** Clusters and namespaces. */
  readonly known?: readonly KnownRow[];
  /** Unidentified callers with this username or session name, among the newest `MOST_UNNAMED`. */
  readonly sessions?: readonly SessionRow[];
}

const MOST = 20;
/** The maximum number of unidentified sessions that are searched, newest first (CONTRACT, HTTP, `q`). */
export const MOST_UNNAMED = 100;

/** Returns the other things with the subject's name. This takes three questions to the tables, or none if the subject is not a name. */
export async function namesakes(
  subject: Subject,
  { directory, claims }: { readonly directory: Directory; readonly claims: Claims },
): Promise<Namesakes> {
  const name = nameOf(subject);
  if (name === undefined) return {};
  const [clusters, namespaces, unnamed] = await Promise.all([
    listKnown('cluster', name, { limit: MOST, position: undefined }, { directory }),
    listKnown('namespace', name, { limit: MOST, position: undefined }, { directory }),
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
