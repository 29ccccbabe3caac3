import { useSignal } from '@preact/signals';
import type { ToldNote } from '../../core/answers.ts';
import { tell } from '../../core/api.ts';
import { shownTime } from '../../core/times.ts';
import type { TodoRow } from '../../core/todo.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Text } from '../../parts/text.tsx';

interface NoteDialogProps {
  readonly about: string;
  /** What is there to be looked at. */
  readonly of: TodoRow;
  readonly notes: readonly ToldNote[];
  readonly wasLookedAt: boolean;
  onKept(note: ToldNote): void;
  onClose(): void;
}

const WORDS: Readonly<Record<ToldNote['kind'], string>> = {
  'looked-at': 'looked at it',
  reopened: 'opened it again',
  note: 'noted',
};

/** What people said of a session, and what one has to say: kept by the service, and never changed. */
export function NoteDialog({ about, of: { count, last }, notes, wasLookedAt, onKept, onClose }: NoteDialogProps) {
  const text = useSignal('');
  const clientToken = useSignal(crypto.randomUUID()).value;
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const keep = (kind: ToldNote['kind']) => {
    isBusy.value = true;
    tell<ToldNote>('/notes', {
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
                  {who.statedBy && ' (by their own word)'} {WORDS[kind]}
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
