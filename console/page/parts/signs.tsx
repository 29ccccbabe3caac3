import { FLAG_ROWS, type Flag } from '../../../lib/attribution/flags.ts';
import type { Status } from '../../../lib/attribution/reasons.ts';
import { flagWord } from '../../../lib/words/notable.ts';

/** SVG paths of the icons, which need no font and no file. */
const PATHS = {
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 0v12M8 5l4 0M8 8h6M8 11h4',
  dark: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  light: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  keys: 'M2 4h12v8H2ZM4.5 6.5h.01M7 6.5h.01M9.5 6.5h.01M12 6.5h.01M5 9.5h6',
  back: 'M10 3 5 8l5 5',
  forward: 'm6 3 5 5-5 5',
  less: 'M3 8h10',
  more: 'M3 8h10M8 3v10',
  close: 'm4 4 8 8M12 4l-8 8',
  menu: 'M2 4.5h12M2 8h12M2 11.5h12',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 3v3l2 1.5',
  mark: 'M8 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM2.5 14c.5-3 2.5-4.5 5.5-4.5s5 1.5 5.5 4.5',
  actor: 'M8 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM2.8 13.8c.5-3 2.4-4.5 5.2-4.5s4.7 1.5 5.2 4.5',
  program: 'M3 4.5h10v8H3ZM6 2.5v2M10 2.5v2M6 8h.01M10 8h.01M6 10.5h4',
  role: 'M8 1.8 3 3.7v4c0 3.2 2 5.3 5 6.5 3-1.2 5-3.3 5-6.5v-4Z',
  session: 'M5 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM7.5 8h6.3M11.5 8v2.5',
  cluster: 'M8 1.6 13.5 4.8v6.4L8 14.4 2.5 11.2V4.8ZM8 8l5.4-3.1M8 8v6.3M8 8 2.6 4.9',
  namespace: 'M2.5 4V2.5H4M12 2.5h1.5V4M13.5 12v1.5H12M4 13.5H2.5V12M5 5h6v6H5Z',
  file: 'M4 1.8h5l3 3v9.4H4ZM9 1.8v3h3M6 8.5h4M6 11h4',
  object: 'M8 1.8 13.5 5v6L8 14.2 2.5 11V5ZM2.7 5.1 8 8.2l5.3-3.1M8 8.2v5.8',
  unknown: 'M5.5 6A2.5 2.5 0 1 1 8 8.5v1.7M8 12.8v.01',
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon beside a text or within a labeled button. Screen readers ignore it. */
export function Icon({ of }: { readonly of: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[of]} />
    </svg>
  );
}

const CIRCLE = 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z';
/** The shape of each status: full, half, two that overlap, crossed out, dashed, a square. The second path is filled. */
const SHAPES: Readonly<Record<Status, readonly [outline: string, filled?: string]>> = {
  attributed: [CIRCLE, CIRCLE],
  partial: [CIRCLE, 'M8 2a6 6 0 0 0 0 12Z'],
  ambiguous: ['M6 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm4 0a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z'],
  unattributed: [`${CIRCLE}M5.5 5.5l5 5M10.5 5.5l-5 5`],
  pending: ['M8 2a6 6 0 0 1 5 2.7M13.9 9A6 6 0 0 1 10 13.7M6 13.7A6 6 0 0 1 2.1  9M3 4.7A6 6 0 0 1 5 2.8'],
  system: ['M3.5 3.5h9v9h-9Z'],
};

/** The status of an answer, as a word and a shape: color alone is not enough. */
export function StatusBadge({ of, provisional = false }: { readonly of: Status; readonly provisional?: boolean }) {
  const [outline, filled] = SHAPES[of];
  return (
    <span
      class="status"
      style={{ '--tone': `var(--status-${of})` }}
      title={provisional ? 'This answer may still change' : undefined}
    >
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

/** One word for the gravest of the flags. Its tooltip explains all of them. */
export function FlagTag({ of }: { readonly of: readonly Flag[] }) {
  const word = flagWord(of);
  if (word === undefined) return null;
  return (
    <span
      class={word === 'forged' ? 'tag tag-wrong' : 'tag tag-doubt'}
      title={of.map((flag) => FLAG_ROWS[flag].says).join(' ')}
    >
      {word}
    </span>
  );
}
