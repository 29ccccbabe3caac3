import { parseInstant } from '../../../../lib/time.ts';
import { labelInWords } from '../../../../lib/words/kind-words.ts';
import type { NoteView } from '../../core/answers.ts';
import { href } from '../../core/place.ts';
import { serviceNow } from '../../core/range.ts';
import { durationText } from '../../core/spans.ts';
import { shownTime } from '../../core/times.ts';
import {
  aboutOf,
  causeCommand,
  isReviewed,
  questionOfCaller,
  rowCommands,
  sessionOfRow,
  type TodoGroup,
  type TodoRow,
} from '../../core/todo.ts';
import { StatusBadge } from '../../parts/signs.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Copy, Name, Text } from '../../parts/text.tsx';

interface GroupProps {
  readonly of: TodoGroup;
  /** Whether more sessions can be loaded. */
  readonly hasMore: boolean;
  /** Returns the notes of a row; undefined if the service stores none. */
  notesOf(row: TodoRow): readonly NoteView[] | undefined;
  onNote(row: TodoRow): void;
}

/** Sessions with the same reason: its meaning, the next step, and each session. */
export function Group({ of: { key, why, next, rows }, hasMore, notesOf, onNote }: GroupProps) {
  const cause = causeCommand(key);
  const columns: readonly Column<TodoRow>[] = [
    {
      title: 'Session',
      cell: (row) => (
        <>
          <Who of={row} />
          <Marks of={row} notes={notesOf(row) ?? []} />
        </>
      ),
    },
    { title: 'Age', cell: (row) => <Age first={row.first} /> },
    { title: 'Last seen', cell: ({ last }) => last && shownTime(last) },
    { title: 'Records', class: 'number', cell: ({ count }) => count?.toLocaleString() },
    { title: 'Where', cell: (row) => <Places {...row} /> },
    { title: 'Investigate', cell: (row) => <Actions of={row} notes={notesOf(row)} onNote={onNote} /> },
  ];
  return (
    <section class="card todo-group" aria-label={key}>
      <header>
        <h2>
          {why}{' '}
          <span class="tag">
            {rows.length.toLocaleString()}
            {hasMore && ' loaded'}
          </span>
        </h2>
        <code class="aside">{key}</code>
        {next !== undefined && (
          <p class="todo-next">
            <b>Next step</b> {next.replaceAll('`', '')} {cause !== undefined && <Copy of={cause} />}
          </p>
        )}
      </header>
      <Table
        columns={columns}
        rows={rows}
        keyOf={({ id }, index) => id ?? index}
        classOf={(row) => (isReviewed(notesOf(row), row) ? 'was-reviewed' : undefined)}
      />
    </section>
  );
}

interface ActionsProps extends Pick<GroupProps, 'onNote'> {
  readonly of: TodoRow;
  readonly notes: readonly NoteView[] | undefined;
}

function Age({ first }: { readonly first: string | undefined }) {
  const began = parseInstant(first ?? '');
  return <span title={`First seen ${shownTime(first)}`}>{began && durationText(serviceNow.value - began)}</span>;
}

function Places({ clusters, namespaces }: TodoRow) {
  return (
    <>
      {clusters.map((cluster) => (
        <p>
          <Name kind="cluster" of={cluster} />
        </p>
      ))}
      <p class="aside">
        <Text of={namespaces.join(', ')} />
      </p>
    </>
  );
}

function Actions({ of: row, notes, onNote }: ActionsProps) {
  return (
    <div class="todo-actions">
      <a href={href('who', { q: row.auditId ?? questionOfCaller(row.caller) })}>Who is it?</a>
      {rowCommands(row).map((command) => (
        <Copy of={command} label={`${command.split(' ', 2).join(' ')} …`} />
      ))}
      {notes !== undefined && aboutOf(row) !== undefined && (
        <button type="button" class="plain" onClick={() => onNote(row)}>
          {notes.length > 0 ? `Notes (${notes.length})` : 'Add note'}
        </button>
      )}
    </div>
  );
}

function Who({ of: row }: { readonly of: TodoRow }) {
  const { caller, actors = [] } = row;
  const session = sessionOfRow(row);
  const shown = caller.sessionName ?? caller.username ?? session ?? caller.uid ?? caller.kind;
  return (
    <>
      <p class="todo-name">
        {session === undefined ? <Text of={shown} /> : <Name kind="session" of={session} shown={shown} />}
      </p>
      {actors.length > 0 && (
        <p class="aside">
          by <Text of={actors.map(labelInWords).join(' or ')} />
        </p>
      )}
      {caller.accessKeyId !== undefined && <Copy of={caller.accessKeyId} />}
    </>
  );
}

function Marks({ of: row, notes }: { readonly of: TodoRow; readonly notes: readonly NoteView[] }) {
  const { flag, status, open } = row;
  const [latest] = notes;
  return (
    <>
      {flag !== undefined && <StatusBadge of={status} />} {open && <span class="tag">open</span>}{' '}
      {isReviewed(notes, row) && <span class="tag tag-good">reviewed</span>}
      {latest !== undefined && (
        <p class="todo-note">
          <Text of={latest.text} />
        </p>
      )}
    </>
  );
}
