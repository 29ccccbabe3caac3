import { assumedRoleRef, roleRef } from '../../../../lib/identity/arn.ts';
import type { SessionFound } from '../../core/answers.ts';
import { shownTime } from '../../core/times.ts';
import { Copy } from '../../parts/copy.tsx';
import { FlagTag } from '../../parts/flag-tag.tsx';
import { Name } from '../../parts/name.tsx';
import { StatusBadge } from '../../parts/status.tsx';
import { Text } from '../../parts/text.tsx';
import { WhoOf } from '../../parts/who-name.tsx';

/** Sessions of somebody or of a role: who, with which key, from when to when. */
export function SessionsTable({ of, shows }: { readonly of: readonly SessionFound[]; readonly shows: 'who' | 'role' }) {
  return (
    <div class="table-frame">
      <table class="sessions">
        <caption class="unseen">Sessions</caption>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">{shows === 'who' ? 'Who' : 'Role'}</th>
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
              <td>{shows === 'who' ? <WhoOfSession of={session} /> : <RoleOfSession of={session} />}</td>
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
  const ref = roleRef(role) ?? assumedRoleRef(role);
  return <Name kind="role" of={role} shown={ref?.roleName ?? role} />;
}
