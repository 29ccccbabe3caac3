import { parseInstant } from '../../../../lib/time.ts';
import type { ToldNote } from '../../core/answers.ts';
import { href } from '../../core/place.ts';
import { serviceNow } from '../../core/range.ts';
import { durationText } from '../../core/spans.ts';
import { shownTime } from '../../core/times.ts';
import {
  aboutOf,
  causeCommand,
  isLookedAt,
  questionOfCaller,
  rowCommands,
  sessionOfRow,
  type TodoGroup,
  type TodoRow,
} from '../../core/todo.ts';
import { StatusBadge } from '../../parts/signs.tsx';
import { Copy, Name, Text } from '../../parts/text.tsx';

const TITLES = ['Session', 'Age', 'Last seen', 'Records', 'Where', 'Look into it'];

interface GroupProps {
  readonly of: TodoGroup;
  /** There are more sessions than were loaded. */
  readonly hasMore: boolean;
  /** Undefined where none can be kept. */
  notesOf(row: TodoRow): readonly ToldNote[] | undefined;
  onNote(row: TodoRow): void;
}

/** Sessions with one reason: what it means, what is to be done, and each of them. */
export function Group({ of: { key, why, next, rows }, hasMore, notesOf, onNote }: GroupProps) {
  const cause = causeCommand(key);
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
            <b>Next</b> {next.replaceAll('`', '')} {cause !== undefined && <Copy of={cause} />}
          </p>
        )}
      </header>
      <div class="table-frame">
        <table>
          <thead>
            <tr>
              {TITLES.map((title) => (
                <th scope="col" class={title === 'Records' ? 'number' : undefined}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <Row key={row.id ?? index} of={row} notes={notesOf(row)} onNote={onNote} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface RowProps extends Pick<GroupProps, 'onNote'> {
  readonly of: TodoRow;
  readonly notes: readonly ToldNote[] | undefined;
}

function Row({ of: row, notes, onNote }: RowProps) {
  const { caller, count, first, last, clusters, namespaces } = row;
  const began = parseInstant(first ?? '');
  return (
    <tr class={isLookedAt(notes, row) ? 'was-looked-at' : undefined}>
      <td>
        <Who of={row} />
        <Marks of={row} notes={notes ?? []} />
      </td>
      <td title={`First seen ${shownTime(first)}`}>{began && durationText(serviceNow.value - began)}</td>
      <td>{last && shownTime(last)}</td>
      <td class="number">{count?.toLocaleString()}</td>
      <td>
        {clusters.map((cluster) => (
          <p>
            <Name kind="cluster" of={cluster} />
          </p>
        ))}
        <p class="aside">
          <Text of={namespaces.join(', ')} />
        </p>
      </td>
      <td>
        <div class="todo-actions">
          <a href={href('who', { q: row.auditId ?? questionOfCaller(caller) })}>Who is it?</a>
          {rowCommands(row).map((command) => (
            <Copy of={command} label={`${command.split(' ', 2).join(' ')} …`} />
          ))}
          {notes !== undefined && aboutOf(row) !== undefined && (
            <button type="button" class="plain" onClick={() => onNote(row)}>
              {notes.length > 0 ? `Notes (${notes.length})` : 'Note…'}
            </button>
          )}
        </div>
      </td>
    </tr>
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
          by <Text of={actors.join(' or ')} />
        </p>
      )}
      {caller.accessKeyId !== undefined && <Copy of={caller.accessKeyId} />}
    </>
  );
}

function Marks({ of: row, notes }: { readonly of: TodoRow; readonly notes: readonly ToldNote[] }) {
  const { flag, status, open } = row;
  const [latest] = notes;
  return (
    <>
      {flag !== undefined && <StatusBadge of={status} />} {open && <span class="tag">open</span>}{' '}
      {isLookedAt(notes, row) && <span class="tag tag-good">looked at</span>}
      {latest !== undefined && (
        <p class="todo-note">
          <Text of={latest.text} />
        </p>
      )}
    </>
  );
}
