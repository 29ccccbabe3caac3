import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { DAY } from '../../../../lib/time.ts';
import type { NotesAnswer, RecordsAnswer, SessionsAnswer, ToldNote } from '../../core/answers.ts';
import type { ApiProblem } from '../../core/api.ts';
import { useAsked } from '../../core/asked.ts';
import { usePagesOf } from '../../core/pages.ts';
import { change, href, place } from '../../core/place.ts';
import { range, timeParams } from '../../core/range.ts';
import { aboutOf, FLAG_LISTS, flaggedRows, groupsOf, isLookedAt, type TodoRow } from '../../core/todo.ts';
import { Problem } from '../../parts/problem.tsx';
import { Doctor } from './doctor.tsx';
import { Group } from './group.tsx';
import { NoteDialog } from './note-dialog.tsx';

const LISTS: readonly (readonly [list: string, title: string, about: string])[] = [
  ['unattributed', 'Nobody known', 'Sessions that nobody can be named for.'],
  ['ambiguous', 'Ambiguous', 'Sessions of one of several: nobody is named.'],
  ['partial', 'Partly known', 'Sessions that are followed part of the way to the person.'],
  ['pending', 'Pending', 'Sessions for which the last word is still to come.'],
  ['anonymous', 'Anonymous', 'Requests without any credentials that were let in.'],
  ['forged', 'Forged or by name', "Sessions under another user's name, or found by a name that the caller chose."],
  ['nodes', 'On node roles', 'Sessions with the role of a node, or a name of EKS, by somebody who is neither.'],
];

/** What nobody can name, or should be looked into, by what is to be done about it. */
export function Todo() {
  const asked = place.value.params.get('list');
  const [list, , about] = LISTS.find(([each]) => each === asked) ?? LISTS[0] ?? ['', '', ''];
  const flags = FLAG_LISTS[list];
  return (
    <section class="page todo">
      <header class="head">
        <h1>To do</h1>
        <nav class="chips" aria-label="Lists">
          {LISTS.map(([each, title]) => (
            <a class="button" href={href('todo', { list: each })} aria-current={each === list && 'page'}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      <p class="aside">
        {about} {flags === undefined ? 'Of all times, the latest first.' : 'Of the time that is looked at.'}
      </p>
      {flags === undefined ? (
        <Listed key={list} list={list} />
      ) : (
        <Flagged key={`${list} ${range.value.from} ${range.value.to}`} list={list} />
      )}
      {list === 'unattributed' && <Doctor />}
    </section>
  );
}

/** Each with its notes: a service that keeps none refuses them. */
function Listed({ list }: { readonly list: string }) {
  const { pages, ...read } = usePagesOf<SessionsAnswer>('/sessions', [
    ['status', list],
    ['notes', 'true'],
    ['limit', '250'],
  ]);
  return <Rows of={pages.flatMap(({ sessions }) => sessions)} notesOf={({ notes }: TodoRow) => notes} {...read} />;
}

function Flagged({ list }: { readonly list: string }) {
  const flags = FLAG_LISTS[list] ?? [];
  const { pages, ...read } = usePagesOf<RecordsAnswer>('/records', [
    ...flags.map((flag) => ['flag', flag] as const),
    ...timeParams(range.value),
    ['limit', '1000'],
  ]);
  const records = pages.flatMap((page) => page.records);
  const { answer, problem, again } = useNotes();
  const byAbout = useMemo(() => answer && Map.groupBy(answer.notes, ({ about }) => about), [answer]);
  return (
    <>
      {problem !== undefined && <NoNotes problem={problem} again={again} />}
      {answer?.cursor !== undefined && (
        <p class="aside">
          More than 1,000 notes were written since: what was noted before those looks as if it was not.
        </p>
      )}
      <Rows
        of={flaggedRows(records, flags)}
        notesOf={(row: TodoRow) => byAbout && (byAbout.get(aboutOf(row) ?? '') ?? [])}
        {...read}
      />
    </>
  );
}

/** Notes are told of for a year. */
const NOTES_OF = 364 * DAY;

/** The notes since the time that is looked at began: what happened then was not noted before. */
function useNotes() {
  const since = Math.max(
    range.value.from,
    useMemo(() => Date.now() - NOTES_OF, []),
  );
  return useAsked<NotesAnswer>('/notes', [
    ['since', new Date(since).toISOString()],
    ['limit', '1000'],
  ]);
}

interface RowsProps extends Omit<ReturnType<typeof usePagesOf>, 'pages'> {
  readonly of: readonly TodoRow[];
  /** What was noted before; undefined where nothing can be. */
  notesOf(row: TodoRow): readonly ToldNote[] | undefined;
}

function Rows({ of, notesOf: before, problem, isKnown, isBusy, hasMore, more, again }: RowsProps) {
  const kept = useSignal<readonly ToldNote[]>([]);
  const noted = useSignal<TodoRow | undefined>(undefined);
  const notesOf = (row: TodoRow) => {
    const notes = before(row);
    return notes && [...kept.value.filter(({ about }) => about === aboutOf(row)), ...notes];
  };
  const { params } = place.value;
  const state = params.get('state');
  const showsLookedAt = params.get('looked') === 'shown';
  const ofState = of.filter(({ open }) => state === null || open === (state === 'open'));
  const shown = ofState.filter((row) => showsLookedAt || !isLookedAt(notesOf(row), row));
  if (!isKnown) return problem === undefined ? <p class="busy">Asking…</p> : <Problem of={problem} again={again} />;
  return (
    <div class="todo-groups" aria-busy={isBusy}>
      <Choices left={ofState.length - shown.length} />
      {shown.length === 0 && <p class="empty">{hasMore ? 'Nothing to do here so far.' : 'Nothing to do here.'}</p>}
      {groupsOf(shown).map((group) => (
        <Group
          key={group.key}
          of={group}
          hasMore={hasMore}
          notesOf={notesOf}
          onNote={(row) => {
            noted.value = row;
          }}
        />
      ))}
      {problem !== undefined && <Problem of={problem} again={again} />}
      {hasMore && (
        <button type="button" disabled={isBusy} onClick={more}>
          {isBusy ? 'Reading…' : `Read on: there are more than ${of.length.toLocaleString()}`}
        </button>
      )}
      {noted.value !== undefined && (
        <NoteDialog
          about={aboutOf(noted.value) ?? ''}
          of={noted.value}
          notes={notesOf(noted.value) ?? []}
          wasLookedAt={isLookedAt(notesOf(noted.value), noted.value)}
          onKept={(note) => {
            kept.value = [note, ...kept.value];
          }}
          onClose={() => {
            noted.value = undefined;
          }}
        />
      )}
    </div>
  );
}

/** What of the list is shown; `left` is how many are not, since they were looked at. */
function Choices({ left }: { readonly left: number }) {
  const { params } = place.value;
  const showsLookedAt = params.get('looked') === 'shown';
  return (
    <div class="todo-choices">
      <label class="check">
        Show
        <select
          value={params.get('state') ?? ''}
          onChange={({ currentTarget: { value } }) => change({ state: value || null }, { replacing: true })}
        >
          <option value="">open and final</option>
          <option value="open">open: may still be settled</option>
          <option value="final">final</option>
        </select>
      </label>
      {(left > 0 || showsLookedAt) && (
        <label class="check">
          <input
            type="checkbox"
            checked={showsLookedAt}
            onChange={() => change({ looked: showsLookedAt ? null : 'shown' }, { replacing: true })}
          />
          What was looked at{left > 0 && ` (${left})`}
        </label>
      )}
    </div>
  );
}

function NoNotes({ problem, again }: { readonly problem: ApiProblem; again(): void }) {
  if (problem.status !== 404) return <Problem of={problem} again={again} />;
  return <p class="aside">This service keeps no notes yet: nothing can be marked as looked at.</p>;
}
