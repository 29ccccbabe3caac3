import { useSignal } from '@preact/signals';
import { href, type PlaceParams } from '../core/place.ts';
import { lookAlike, visiblePieces, writtenText } from '../core/visible.ts';

/** A text that somebody else chose: nothing in it is obeyed or hidden, and what only looks like another text is marked. */
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

/** A text that is copied by a click: an id for the next step. Where the clipboard is refused, it is selected instead. */
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
  const said = { idle: '', copied: 'Copied', refused: "Can't copy. Select the text." }[state.value];
  return (
    <button type="button" class="copy" title={writtenText(`Copy ${of}`)} onClick={() => void copy()}>
      <code>
        <Text of={label} />
      </code>
      <span class="copied" role="status">
        {said}
      </span>
    </button>
  );
}

/** Kinds of things that have a page of their own. */
export type EntityKind = 'actor' | 'session' | 'role' | 'cluster' | 'namespace';

interface NameProps {
  readonly kind: EntityKind;
  readonly of: string;
  /** What else says which one it is: the cluster of a namespace. */
  readonly within?: PlaceParams;
  /** How it is called, where it is asked for by something else. */
  readonly shown?: string;
  /** Within rows that the arrow keys move through: it is reached in the opened row. */
  readonly isPassedOver?: boolean;
}

/** The name of somebody or something, which leads to its page. */
export function Name({ kind, of, within = {}, shown = of, isPassedOver = false }: NameProps) {
  return (
    <a class={`name name-${kind}`} href={href(kind, { of, ...within })} tabIndex={isPassedOver ? -1 : undefined}>
      <Text of={shown} />
    </a>
  );
}
