import { assumedRoleRef, roleRef } from '../../../../lib/identity/arn.ts';
import type { SessionFound } from '../../core/answers.ts';
import { shownTime } from '../../core/times.ts';
import { FlagTag, StatusBadge } from '../../parts/signs.tsx';
import { Copy, Name, Text } from '../../parts/text.tsx';
import { WhoOf } from '../../parts/who-name.tsx';

/** Sessions of somebody, of a role or of a name: who, by which role where it is not one for all, with which key, from when to when. */
export function SessionsTable({ of, shows }: { readonly of: readonly SessionFound[]; readonly shows: 'who' | 'role' }) {
  const showsRole = shows === 'role' || new Set(of.map(({ role }) => roleName(role))).size > 1;
  return (
    <div class="table-frame">
      <table class="sessions">
        <caption class="unseen">Sessions</caption>
        <thead>
          <tr>
            <th scope="col">Session</th>
            {shows === 'who' && <th scope="col">Who</th>}
            {showsRole && <th scope="col">Role</th>}
            <th scope="col">Key</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="number">
              Requests
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((session) => (
            <tr>
              <td>
                <SessionName of={session} /> {shows === 'role' && <FlagTag of={session.attribution.flags} />}
              </td>
              {shows === 'who' && (
                <td>
                  <WhoOfSession of={session} />
                </td>
              )}
              {showsRole && (
                <td>
                  <RoleOfSession of={session} />
                </td>
              )}
              <td>{session.accessKeyId !== undefined && <Copy of={session.accessKeyId} />}</td>
              <td>{session.from !== undefined && shownTime(session.from)}</td>
              <td>{session.to !== undefined && shownTime(session.to)}</td>
              <td class="number">{session.requests ?? session.records}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SessionName({ of: { session, accessKeyId, username } }: { readonly of: SessionFound }) {
  const of = accessKeyId ?? session;
  if (of === undefined) return <Text of={username ?? ''} />;
  return <Name kind="session" of={of} shown={session?.slice(session.indexOf(':') + 1) ?? of} />;
}

function WhoOfSession({ of: { attribution, username } }: { readonly of: SessionFound }) {
  return (
    <span class="by">
      <StatusBadge of={attribution.status} provisional={attribution.provisional} />
      <span class="by-name">
        <WhoOf of={{ attribution, caller: { kind: 'kubernetes-user', username: username ?? '' } }} />
      </span>
      <FlagTag of={attribution.flags} />
    </span>
  );
}

function RoleOfSession({ of: { role } }: { readonly of: SessionFound }) {
  if (role === undefined) return null;
  return <Name kind="role" of={role} shown={roleName(role) ?? role} />;
}

function roleName(role: string | undefined): string | undefined {
  return (roleRef(role) ?? assumedRoleRef(role))?.roleName ?? role;
}
