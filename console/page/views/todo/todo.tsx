import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { DAY } from '../../../../lib/time.ts';
import type { NotesAnswer, NoteView, RecordsAnswer, SessionsAnswer } from '../../core/answers.ts';
import { type ApiProblem, post } from '../../core/api.ts';
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
  isReviewed,
  type TodoRow,
} from '../../core/todo.ts';
import { Dialog, Problem } from '../../parts/blocks.tsx';
import { FileButton, textOfFile } from '../../parts/file-button.tsx';
import { Copy, Text } from '../../parts/text.tsx';
import { Group } from './group.tsx';

const LISTS: readonly (readonly [list: string, title: string, about: string])[] = [
  ['unattributed', 'Unidentified', 'Sessions without a known actor.'],
  ['ambiguous', 'Ambiguous', 'Sessions with several possible actors. The evidence does not show which one it was.'],
  ['partial', 'Partial', 'Sessions that were traced only part of the way to the person.'],
  ['pending', 'Pending', 'Sessions whose answer is not final yet.'],
  ['anonymous', 'Anonymous', 'Anonymous requests that the cluster allowed.'],
  [
    'forged',
    'Forged, or matched by name',
    "Sessions that use another user's name, or that were matched by a name that the caller chose.",
  ],
  [
    'nodes',
    'Node roles',
    "Sessions that used a node's role or a username of EKS, but belong to neither a node nor EKS.",
  ],
];

/** Sessions to review, grouped by their next step. */
export function Todo() {
  const param = place.value.params.get('list');
  const [list, , about] = LISTS.find(([each]) => each === param) ?? LISTS[0] ?? ['', '', ''];
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
        {about} {flags === undefined ? 'The list covers all times, latest first.' : 'The list covers this time range.'}
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

/** The sessions of a status, with their notes. */
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
        <p class="aside">Only the newest 1,000 notes are loaded. Sessions with older notes appear without notes.</p>
      )}
      <Rows
        of={flaggedRows(records, flags)}
        note={pages[0]?.note}
        notesOf={(row: TodoRow) => byAbout && (byAbout.get(aboutOf(row) ?? '') ?? [])}
        {...read}
      />
    </>
  );
}

/**
 * How far back notes are loaded, in milliseconds. The service returns notes of one year, and 364 days stay within that.
 */
const NOTES_SINCE = 364 * DAY;

/** Loads the notes since the start of the time range: earlier notes cannot be about its requests. */
function useNotes() {
  const since = Math.max(
    range.value.from,
    useMemo(() => Date.now() - NOTES_SINCE, []),
  );
  return useQuery<NotesAnswer>('/notes', [
    ['since', new Date(since).toISOString()],
    ['limit', '1000'],
  ]);
}

interface RowsProps extends Omit<ReturnType<typeof usePages>, 'pages'> {
  readonly of: readonly TodoRow[];
  /** A sentence about what an empty list leaves open. */
  readonly note?: string | undefined;
  /** Returns the notes of a row before this visit; undefined if the service stores none. */
  notesOf(row: TodoRow): readonly NoteView[] | undefined;
}

function Rows({ of, note = '', notesOf: before, problem, isKnown, isBusy, hasMore, more, again }: RowsProps) {
  const kept = useSignal<readonly NoteView[]>([]);
  const noted = useSignal<TodoRow | undefined>(undefined);
  const notesOf = (row: TodoRow) => {
    const notes = before(row);
    return notes && [...kept.value.filter(({ about }) => about === aboutOf(row)), ...notes];
  };
  const { params } = place.value;
  const state = params.get('state');
  const showsReviewed = params.get('looked') === 'shown';
  const ofState = of.filter(({ open }) => state === null || open === (state === 'open'));
  const shown = ofState.filter((row) => showsReviewed || !isReviewed(notesOf(row), row));
  if (!isKnown) return problem === undefined ? <p class="busy">Loading…</p> : <Problem of={problem} again={again} />;
  return (
    <div class="todo-groups" aria-busy={isBusy}>
      <Choices left={ofState.length - shown.length} />
      {shown.length === 0 && (
        <p class="empty">{hasMore ? 'Nothing to review in the loaded sessions.' : `Nothing to review here. ${note}`}</p>
      )}
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
          {isBusy ? 'Loading…' : `Load more (${of.length.toLocaleString()} loaded)`}
        </button>
      )}
      {noted.value !== undefined && (
        <NoteDialog
          about={aboutOf(noted.value) ?? ''}
          of={noted.value}
          notes={notesOf(noted.value) ?? []}
          wasReviewed={isReviewed(notesOf(noted.value), noted.value)}
          onStored={(note) => {
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

/** Lets the user choose the sessions to show. `left` is the number of hidden ones that were reviewed. */
function Choices({ left }: { readonly left: number }) {
  const { params } = place.value;
  const showsReviewed = params.get('looked') === 'shown';
  return (
    <div class="todo-choices">
      <label class="check">
        Show
        <select
          value={params.get('state') ?? ''}
          onChange={({ currentTarget: { value } }) => change({ state: value || null }, { replacing: true })}
        >
          <option value="">Open and final</option>
          <option value="open">Open: may still change</option>
          <option value="final">Final</option>
        </select>
      </label>
      {(left > 0 || showsReviewed) && (
        <label class="check">
          <input
            type="checkbox"
            checked={showsReviewed}
            onChange={() => change({ looked: showsReviewed ? null : 'shown' }, { replacing: true })}
          />
          Show reviewed{left > 0 && ` (${left})`}
        </label>
      )}
    </div>
  );
}

function NoNotes({ problem, again }: { readonly problem: ApiProblem; again(): void }) {
  if (problem.status !== 404) return <Problem of={problem} again={again} />;
  return <p class="aside">This service does not store notes. Update it to mark sessions as reviewed.</p>;
}

interface NoteDialogProps {
  readonly about: string;
  /** The session, with what the reviewer sees of it. */
  readonly of: TodoRow;
  readonly notes: readonly NoteView[];
  readonly wasReviewed: boolean;
  onStored(note: NoteView): void;
  onClose(): void;
}

const NOTE_WORDS: Readonly<Record<NoteView['kind'], string>> = {
  reviewed: 'marked it as reviewed',
  reopened: 'reopened it',
  note: 'added a note',
};

/** The notes about a session, and a form for a new one. */
function NoteDialog({ about, of: { count, last }, notes, wasReviewed, onStored, onClose }: NoteDialogProps) {
  const text = useSignal('');
  const clientToken = useSignal(crypto.randomUUID()).value;
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const store = (kind: NoteView['kind']) => {
    isBusy.value = true;
    post<NoteView>('/notes', {
      about,
      kind,
      text: text.value.trim(),
      clientToken,
      ...(kind === 'reviewed' && { seen: { count, last } }),
    }).then(
      (note) => {
        onStored(note);
        onClose();
      },
      (error: unknown) => {
        problem.value = error instanceof Error ? error.message : String(error);
        isBusy.value = false;
      },
    );
  };
  return (
    <Dialog title="Review session" onClose={onClose}>
      <form
        class="note-form"
        onSubmit={(event) => {
          event.preventDefault();
          store(wasReviewed ? 'reopened' : 'reviewed');
        }}
      >
        {notes.length > 0 && (
          <ul>
            {notes.map(({ kind, text: noteText, who, when }) => (
              <li>
                <p class="aside">
                  {shownTime(when)},{' '}
                  <Text of={who.nameIs === 'stated' ? `${who.name} (${who.id})` : (who.name ?? who.id)} />
                  {who.statedBy && ' (name not verified)'} {NOTE_WORDS[kind]}
                </p>
                <Text of={noteText} />
              </li>
            ))}
          </ul>
        )}
        <label>
          What did you find out?
          <textarea
            rows={3}
            maxLength={2_000}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <p class="aside">
          The service stores this note with your name and the time. Notes can't be changed or deleted.
        </p>
        {problem.value !== '' && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <p class="todo-actions">
          <button type="submit" disabled={isBusy.value}>
            {wasReviewed ? 'Reopen' : 'Mark as reviewed'}
          </button>
          <button type="button" disabled={isBusy.value || text.value.trim() === ''} onClick={() => store('note')}>
            Only add note
          </button>
        </p>
      </form>
    </Dialog>
  );
}

const DOCTOR_COMMAND = 'eks-whois doctor -o json > doctor.json';
const TONES = { high: 'wrong', medium: 'doubt', low: 'plain' } as const;

/** The findings of doctor, which the user ran with their own permissions. */
function Doctor() {
  const findings = diagnosis.value;
  const flaw = useSignal('');
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const of = await textOfFile(file);
    const found = 'text' in of ? findingsIn(of.text) : undefined;
    flaw.value =
      'flaw' in of
        ? of.flaw
        : found === undefined
          ? `${file.name} is not output of doctor. Run the command and open the file that it writes.`
          : '';
    if (found !== undefined) diagnosis.value = found;
  };
  return (
    <section class="card todo-group" aria-label="doctor">
      <h2>{findings === undefined ? 'Why are sessions unidentified?' : `Doctor findings (${findings.length})`}</h2>
      <p class="todo-next">
        {findings === undefined &&
          'Run doctor with your own permissions, then open its output here. It stays in this browser.'}
        <Copy of={DOCTOR_COMMAND} />
        <FileButton label="Open doctor.json" onFile={read}>
          Open doctor.json
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
            <b>Next step</b> <Text of={mend.replaceAll('`', '')} />
          </p>
        </div>
      ))}
    </section>
  );
}
