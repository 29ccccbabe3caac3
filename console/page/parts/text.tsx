import { useSignal } from '@preact/signals';
import { shownCluster } from '../core/clusters.ts';
import { href, type PlaceParams } from '../core/place.ts';
import { lookAlike, visiblePieces, writtenText } from '../core/visible.ts';

/** A text from logs. Escapes characters that browsers obey or hide, and marks letters that look like others. */
export function Text({ of }: { readonly of: string }) {
  const alike = lookAlike(of);
  const pieces = visiblePieces(of);
  const shown = pieces.map(({ text, isHidden }) => (isHidden ? <mark class="hidden-sign">{text}</mark> : text));
  if (alike === undefined) return <bdi class="said">{shown}</bdi>;
  return (
    <bdi class="said alike" title={alike}>
      {shown}
      <span class="alike-mark" role="img" aria-label={alike}>
        ≠
      </span>
    </bdi>
  );
}

/** A button that copies a text. If the browser refuses the clipboard, it says so, and the text can be selected. */
export function Copy({ of, label = of }: { readonly of: string; readonly label?: string }) {
  const state = useSignal<'idle' | 'copied' | 'refused'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(of);
      state.value = 'copied';
    } catch {
      state.value = 'refused';
    }
    setTimeout(() => {
      state.value = 'idle';
    }, 1_500);
  };
  const message = { idle: '', copied: 'Copied', refused: "Can't copy. Select the text." }[state.value];
  return (
    <button type="button" class="copy" title={writtenText(`Copy ${of}`)} onClick={() => void copy()}>
      <code>
        <Text of={label} />
      </code>
      <span class="copied" role="status">
        {message}
      </span>
    </button>
  );
}

/** Kinds of things that have a page. */
export type EntityKind = 'actor' | 'session' | 'role' | 'cluster' | 'namespace';

interface NameProps {
  readonly kind: EntityKind;
  readonly of: string;
  /** Further parameters that identify it, such as the cluster of a namespace. */
  readonly within?: PlaceParams;
  /** The text to show, if it differs from `of`. */
  readonly shown?: string;
  /** Whether the Tab key skips it, for names in rows that the arrow keys move through. */
  readonly isTabSkipped?: boolean;
}

/** A name that links to its page. */
export function Name({ kind, of, within = {}, shown, isTabSkipped = false }: NameProps) {
  const text = shown ?? (kind === 'cluster' ? shownCluster(of) : of);
  return (
    <a class={`name name-${kind}`} href={href(kind, { of, ...within })} tabIndex={isTabSkipped ? -1 : undefined}>
      <Text of={text} />
    </a>
  );
}
