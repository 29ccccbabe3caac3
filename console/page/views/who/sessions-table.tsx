import { assumedRoleRef, roleRef } from '../../../../lib/identity/arn.ts';
import type { SessionFound } from '../../core/answers.ts';
import { shownTime } from '../../core/times.ts';
import { FlagTag } from '../../parts/signs.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Copy, Name, Text } from '../../parts/text.tsx';
import { By, WhoOf } from '../../parts/who-name.tsx';

/** A table of sessions. Shows the role only if the sessions have several roles, or for sessions of an actor. */
export function SessionsTable({ of, shows }: { readonly of: readonly SessionFound[]; readonly shows: 'who' | 'role' }) {
  const showsRole = shows === 'role' || new Set(of.map(({ role }) => roleName(role))).size > 1;
  const columns: readonly (Column<SessionFound> | false)[] = [
    {
      title: 'Session',
      cell: (session) => (
        <>
          <SessionName of={session} /> {shows === 'role' && <FlagTag of={session.attribution.flags} />}
        </>
      ),
    },
    shows === 'who' && { title: 'Who', cell: (session) => <WhoOfSession of={session} /> },
    showsRole && { title: 'Role', cell: (session) => <RoleOfSession of={session} /> },
    { title: 'Access key', cell: ({ accessKeyId }) => accessKeyId !== undefined && <Copy of={accessKeyId} /> },
    { title: 'First use', cell: ({ from }) => from !== undefined && shownTime(from) },
    { title: 'Last use', cell: ({ to }) => to !== undefined && shownTime(to) },
    { title: 'Requests', class: 'number', cell: ({ requests, records }) => requests ?? records },
  ];
  return <Table class="sessions" caption="Sessions" columns={columns} rows={of} />;
}

function SessionName({ of: { session, accessKeyId, username } }: { readonly of: SessionFound }) {
  const of = accessKeyId ?? session;
  if (of === undefined) return <Text of={username ?? ''} />;
  return <Name kind="session" of={of} shown={session?.slice(session.indexOf(':') + 1) ?? of} />;
}

function WhoOfSession({ of: { attribution, username } }: { readonly of: SessionFound }) {
  return (
    <By of={attribution}>
      <WhoOf of={{ attribution, caller: { kind: 'kubernetes-user', username: username ?? '' } }} />
    </By>
  );
}

function RoleOfSession({ of: { role } }: { readonly of: SessionFound }) {
  if (role === undefined) return null;
  return <Name kind="role" of={role} shown={roleName(role) ?? role} />;
}

function roleName(role: string | undefined): string | undefined {
  return (roleRef(role) ?? assumedRoleRef(role))?.roleName ?? role;
}
