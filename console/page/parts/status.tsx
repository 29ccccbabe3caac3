import type { Status } from '../../../lib/attribution/reasons.ts';

const CIRCLE = 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z';
/** Full, half, two that overlap, crossed out, still open, a square; what is filled stands second. */
const SHAPES: Readonly<Record<Status, readonly [outline: string, filled?: string]>> = {
  attributed: [CIRCLE, CIRCLE],
  partial: [CIRCLE, 'M8 2a6 6 0 0 0 0 12Z'],
  ambiguous: ['M6 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm4 0a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z'],
  unattributed: [`${CIRCLE}M5.5 5.5l5 5M10.5 5.5l-5 5`],
  pending: ['M8 2a6 6 0 0 1 5 2.7M13.9 9A6 6 0 0 1 10 13.7M6 13.7A6 6 0 0 1 2.1  9M3 4.7A6 6 0 0 1 5 2.8'],
  system: ['M3.5 3.5h9v9h-9Z'],
};

/** The status of an answer: by a word and a shape, not by colour alone. */
export function StatusBadge({ of, provisional = false }: { readonly of: Status; readonly provisional?: boolean }) {
  const [outline, filled] = SHAPES[of];
  return (
    <span class={`status status-${of}`} title={provisional ? 'It may still change' : undefined}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={outline} />
        {filled !== undefined && <path class="filled" d={filled} />}
      </svg>
      {of}
      {provisional && <span class="unseen">, may still change</span>}
      {provisional && <span aria-hidden="true">…</span>}
    </span>
  );
}
