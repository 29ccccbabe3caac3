import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { DAY } from '../../../../lib/time.ts';
import type { NotesAnswer, NoteView, RecordsAnswer, SessionsAnswer } from '../../core/answers.ts';
import { type ApiProblem, tell } from '../../core/api.ts';
import { change, href, place } from '../../core/place.ts';
import { usePages, useQuery } from '../../core/query.ts';
import { range, timeParams } from '../../core/range.ts';
import { shownTime } from '../../core/times.ts';
import {
  aboutOf,
  diagnosis,
  FLAG_LISTS,
  findingsIn,
  flaggedRows,
  groupsOf,
  isLookedAt,
  type TodoRow,
} from '../../core/todo.ts';
import { Dialog, Problem } from '../../parts/blocks.tsx';
import { FileButton, textOfFile } from '../../parts/file-button.tsx';
import { Copy, Text } from '../../parts/text.tsx';
import { Group } from './group.tsx';

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
        <SessionList key={list} list={list} />
      ) : (
        <FlagList key={`${list} ${range.value.from} ${range.value.to}`} list={list} />
      )}
      {list === 'unattributed' && <Doctor />}
    </section>
  );
}

/** Each with its notes: a service that keeps none refuses them. */
function SessionList({ list }: { readonly list: string }) {
  const { pages, ...read } = usePages<SessionsAnswer>('/sessions', [
    ['status', list],
    ['notes', 'true'],
    ['limit', '250'],
  ]);
  return <Rows of={pages.flatMap(({ sessions }) => sessions)} notesOf={({ notes }: TodoRow) => notes} {...read} />;
}

function FlagList({ list }: { readonly list: string }) {
  const flags = FLAG_LISTS[list] ?? [];
  const { pages, ...read } = usePages<RecordsAnswer>('/records', [
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
  return useQuery<NotesAnswer>('/notes', [
    ['since', new Date(since).toISOString()],
    ['limit', '1000'],
  ]);
}

interface RowsProps extends Omit<ReturnType<typeof usePages>, 'pages'> {
  readonly of: readonly TodoRow[];
  /** What was noted before; undefined where nothing can be. */
  notesOf(row: TodoRow): readonly NoteView[] | undefined;
}

function Rows({ of, notesOf: before, problem, isKnown, isBusy, hasMore, more, again }: RowsProps) {
  const kept = useSignal<readonly NoteView[]>([]);
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

interface NoteDialogProps {
  readonly about: string;
  /** What is there to be looked at. */
  readonly of: TodoRow;
  readonly notes: readonly NoteView[];
  readonly wasLookedAt: boolean;
  onKept(note: NoteView): void;
  onClose(): void;
}

const NOTE_WORDS: Readonly<Record<NoteView['kind'], string>> = {
  'looked-at': 'looked at it',
  reopened: 'opened it again',
  note: 'noted',
};

/** What people said of a session, and what one has to say: kept by the service, and never changed. */
function NoteDialog({ about, of: { count, last }, notes, wasLookedAt, onKept, onClose }: NoteDialogProps) {
  const text = useSignal('');
  const clientToken = useSignal(crypto.randomUUID()).value;
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const keep = (kind: NoteView['kind']) => {
    isBusy.value = true;
    tell<NoteView>('/notes', {
      about,
      kind,
      text: text.value.trim(),
      clientToken,
      ...(kind === 'looked-at' && { seen: { count, last } }),
    }).then(
      (note) => {
        onKept(note);
        onClose();
      },
      (error: unknown) => {
        problem.value = error instanceof Error ? error.message : String(error);
        isBusy.value = false;
      },
    );
  };
  return (
    <Dialog title="Looked at" onClose={onClose}>
      <form
        class="note-form"
        onSubmit={(event) => {
          event.preventDefault();
          keep(wasLookedAt ? 'reopened' : 'looked-at');
        }}
      >
        {notes.length > 0 && (
          <ul>
            {notes.map(({ kind, text: said, who, when }) => (
              <li>
                <p class="aside">
                  {shownTime(when)},{' '}
                  <Text of={who.nameIs === 'stated' ? `${who.name} (${who.id})` : (who.name ?? who.id)} />
                  {who.statedBy && ' (by their own word)'} {NOTE_WORDS[kind]}
                </p>
                <Text of={said} />
              </li>
            ))}
          </ul>
        )}
        <label>
          What was found out
          <textarea
            rows={3}
            maxLength={2_000}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <p class="aside">The service keeps it with your name and the time. It cannot be changed or deleted.</p>
        {problem.value !== '' && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <p class="todo-actions">
          <button type="submit" disabled={isBusy.value}>
            {wasLookedAt ? 'Look at it again' : 'Mark as looked at'}
          </button>
          <button type="button" disabled={isBusy.value || text.value.trim() === ''} onClick={() => keep('note')}>
            Only note it
          </button>
        </p>
      </form>
    </Dialog>
  );
}

const DOCTOR_COMMAND = 'eks-whois doctor -o json > doctor.json';
const TONES = { high: 'wrong', medium: 'doubt', low: 'plain' } as const;

/** What keeps sessions from being named, as doctor found it with the rights of whoever ran it. */
function Doctor() {
  const findings = diagnosis.value;
  const flaw = useSignal('');
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const of = await textOfFile(file);
    const found = 'text' in of ? findingsIn(of.text) : undefined;
    flaw.value = 'flaw' in of ? of.flaw : found === undefined ? `${file.name} is nothing that doctor wrote.` : '';
    if (found !== undefined) diagnosis.value = found;
  };
  return (
    <section class="card todo-group" aria-label="doctor">
      <h2>{findings === undefined ? 'What keeps sessions from being named?' : `Doctor found ${findings.length}`}</h2>
      <p class="todo-next">
        {findings === undefined && 'Doctor looks with your own rights; what it found is shown here, and sent nowhere.'}
        <Copy of={DOCTOR_COMMAND} />
        <FileButton label="Show what doctor found" onFile={read}>
          doctor.json
        </FileButton>
        <span role="status">{flaw.value}</span>
      </p>
      {findings?.map(({ id, severity, subject, evidence, why, mend }) => (
        <div>
          <h3>
            <span class={`tag tag-${TONES[severity]}`}>{id}</span> <Text of={subject} />
          </h3>
          <p>{why}</p>
          <p class="aside">
            <Text of={evidence} />
          </p>
          <p class="todo-next">
            <b>Next</b> <Text of={mend} />
          </p>
        </div>
      ))}
    </section>
  );
}
