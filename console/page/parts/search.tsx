import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { clusterOfKnown } from '../../../lib/claims/known.ts';
import { clusterText } from '../../../lib/identity/cluster.ts';
import { shownCluster } from '../core/clusters.ts';
import { knownNames, learnMore, learnNames } from '../core/known.ts';
import { homeOfShared } from '../core/people.ts';
import { go, type PlaceParams, place } from '../core/place.ts';
import { completions, fitQuestion, type Suggestion } from '../core/question-text.ts';
import { FileButton, textOfFile } from './file-button.tsx';
import { Icon } from './signs.tsx';
import { Text } from './text.tsx';

/** The search field: takes text that is typed, pasted or dropped, and files. */
export function Search({ large = false }: { readonly large?: boolean }) {
  const currentText = place.value.view === 'who' ? (place.value.params.get('q') ?? '') : '';
  return (
    <search class={large ? 'search large' : 'search'}>
      <Field key={currentText} currentText={currentText} large={large} />
    </search>
  );
}

/** Returns the place that a suggestion opens. */
function placeOfSuggestion(named: Suggestion): readonly [view: string, params: PlaceParams] {
  const { kind, name, arn, id } = named;
  if (kind === 'role') return [kind, { of: arn ?? name }];
  if (kind === 'cluster') return [kind, { of: clusterText(clusterOfKnown(named)) }];
  if (kind === 'actor') return [kind, { of: id ?? name }];
  return [kind, { of: name, cluster: kind === 'namespace' ? clusterText(named) : undefined }];
}

function Field({ currentText, large }: { readonly currentText: string; readonly large: boolean }) {
  const shown = currentText.replace(/\s+/g, ' ');
  const typed = useSignal(shown);
  const at = useSignal(-1);
  const isOpen = useSignal(false);
  const flaw = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  const offered = isOpen.value ? completions(typed.value, knownNames.value.values()) : [];

  const ask = (text: string) => {
    const fit = fitQuestion(text === shown ? currentText : text);
    flaw.value = 'flaw' in fit ? fit.flaw : '';
    isOpen.value = false;
    if ('q' in fit && fit.q !== '') go('who', { q: fit.q, left: fit.left > 0 ? String(fit.left) : null });
  };
  const askFile = async (file: File | undefined) => {
    if (file === undefined) return;
    const read = await textOfFile(file);
    if ('flaw' in read) flaw.value = read.flaw;
    else ask(read.text);
  };
  const pick = (named: Suggestion) => {
    isOpen.value = false;
    typed.value = '';
    go(...placeOfSuggestion(named));
  };
  const onType = (text: string) => {
    typed.value = text;
    at.value = -1;
    flaw.value = '';
    isOpen.value = true;
    void learnNames();
  };
  useMoreNames(isOpen.value ? typed.value : '');
  const isDropping = useDrop(ask, askFile);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = offered[at.value];
    if (step !== undefined && offered.length > 0) {
      const count = offered.length + 1; // The field itself is one of the positions.
      at.value = ((at.value + 1 + step + count) % count) - 1;
    } else if (event.key === 'Enter' && chosen !== undefined) pick(chosen);
    else if (event.key === 'Escape' && isOpen.value) isOpen.value = false;
    else return;
    event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text') ?? '';
    if (!/\n./.test(text.trim())) return;
    event.preventDefault(); // A field of one line would join the lines.
    ask(text);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask(typed.value);
      }}
    >
      <div class="search-field">
        <label class="unseen" for="q">
          Search for a person, role, access key, object, audit ID, audit event or finding
        </label>
        <input
          id="q"
          ref={field}
          type="text"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={offered.length > 0}
          aria-controls="q-offered"
          aria-activedescendant={at.value < 0 ? undefined : `q-${at.value}`}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          enterkeyhint="search"
          placeholder={large ? 'Name, ID, audit event or finding' : 'Search or paste'}
          value={typed.value}
          onInput={(event) => onType(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => {
            isOpen.value = false;
          }}
        />
        <Offers of={offered} at={at.value} pick={pick} />
        <span class="unseen" role="status">
          {offered.length > 0 && `${offered.length} suggestions`}
        </span>
      </div>
      <FileButton label="Open a file" title="Open a file, or drop one anywhere on the page" onFile={askFile}>
        {large && 'Open file'}
      </FileButton>
      <button type="submit">Search</button>
      {flaw.value !== '' && (
        <p class="search-flaw" role="alert">
          {flaw.value}
        </p>
      )}
      {isDropping && <p class="dropping">Drop to search</p>}
    </form>
  );
}

interface OffersProps {
  readonly of: readonly Suggestion[];
  readonly at: number;
  pick(named: Suggestion): void;
}

/**
 * The suggestions. The field keeps the focus, as in the "Editable Combobox With List Autocomplete" of the ARIA
 * Authoring Practices Guide.
 */
function Offers({ of, at, pick }: OffersProps) {
  return (
    <div id="q-offered" class="offered" role="listbox" aria-label="Suggestions" hidden={of.length === 0}>
      {of.map((named, index) => (
        <div
          key={`${named.kind} ${named.name} ${clusterText(clusterOfKnown(named))} ${named.arn} ${named.id}`}
          id={`q-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onMouseDown={(event) => event.preventDefault()}
          onPointerUp={() => pick(named)}
        >
          <Offer of={named} />
        </div>
      ))}
    </div>
  );
}

function Offer({ of }: { readonly of: Suggestion }) {
  const { kind, name, arn, id } = of;
  const cluster = clusterText(clusterOfKnown(of));
  const account = kind === 'role' ? arn?.split(':')[4] : undefined;
  const home = kind === 'actor' && id !== undefined ? homeOfShared(id, name) : undefined;
  return (
    <>
      <Icon of={kind} />
      <span class="offered-name">
        <Text of={kind === 'cluster' ? shownCluster(cluster) : name} />
      </span>
      <span class="offered-kind">
        {kind}
        {kind === 'namespace' && cluster !== '' && (
          <>
            {' in '}
            <Text of={shownCluster(cluster)} />
          </>
        )}
        {account !== undefined && ` in account ${account}`}
        {home !== undefined && ` of ${home}`}
      </span>
    </>
  );
}

const TYPING_PAUSE = 200;

/** Loads names that start with the typed text, after a pause in typing, for kinds that are not loaded completely. */
function useMoreNames(typed: string): void {
  useEffect(() => {
    if (typed === '') return undefined;
    const timer = setTimeout(() => void learnMore(typed.trim()), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
}

/** Searches for text or files dropped anywhere on the page. Returns whether something is being dragged over it. */
function useDrop(ask: (text: string) => void, askFile: (file: File | undefined) => Promise<void>): boolean {
  const isOver = useSignal(false);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const over = (event: DragEvent) => {
      event.preventDefault();
      isOver.value = true;
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      isOver.value = false;
      const [file] = event.dataTransfer?.files ?? [];
      if (file !== undefined) void askFile(file);
      else ask(event.dataTransfer?.getData('text') ?? '');
    };
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    return () => stop.abort();
  });
  return isOver.value;
}
