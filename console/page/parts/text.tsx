import { lookAlike, visiblePieces } from '../core/visible.ts';

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
