import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { DAY } from '../../../lib/time.ts';
import { type Bins, heightOf, marksOf, OTHERS } from '../core/bins.ts';
import { setRange } from '../core/range.ts';
import { readOf, type Span, zoomSpan } from '../core/spans.ts';
import { formatTime, shownSpan, zone } from '../core/times.ts';
import { writtenText } from '../core/visible.ts';

export interface HistogramProps {
  /** The counted things: `Requests`. */
  readonly what: string;
  readonly span: Span;
  readonly bins: Bins;
  /** Ranges in which counts may be missing: an empty chart there does not mean that nothing happened. */
  readonly unread: readonly Span[];
  /** The label of these ranges: `not loaded`. */
  readonly unreadIs: string;
  /** Returns the CSS color of a series. */
  tone(name: string): string;
}

const HEIGHT = 88;
const AXIS = 20;

/** Stacked bars over time. The mouse or the arrow keys select bars. The text below says what is selected. */
export function Histogram({ what, span, bins, unread, unreadIs, tone }: HistogramProps) {
  const element = useRef<HTMLDivElement>(null);
  const width = useSignal(800);
  /** The first and last selected bin; the second is the cursor. */
  const chosen = useSignal<readonly [anchor: number, cursor: number] | undefined>(undefined);
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      width.value = Math.max(120, Math.round(entry?.contentRect.width ?? 800));
    });
    if (element.current !== null) watcher.observe(element.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    chosen.value = undefined;
  }, [span.from, span.to]);

  const x = (at: number) => ((at - span.from) / (span.to - span.from)) * width.value;
  const startOf = (piece: number) => bins.start + piece * bins.size;
  const spanOf = (a: number, b: number): Span => ({
    from: Math.max(span.from, startOf(Math.min(a, b))),
    to: Math.min(span.to, startOf(Math.max(a, b) + 1)),
  });
  const pieceAt = ({ clientX }: MouseEvent) => {
    const { left = 0 } = element.current?.getBoundingClientRect() ?? {};
    const at = span.from + ((clientX - left) / width.value) * (span.to - span.from);
    return Math.min(bins.count - 1, Math.max(0, Math.floor((at - bins.start) / bins.size)));
  };
  const tallest = Math.max(1, ...Array.from({ length: bins.count }, (_, piece) => heightOf(bins, piece)));
  const [anchor, cursor] = chosen.value ?? [undefined, undefined];
  const choose = () => {
    if (anchor !== undefined && cursor !== undefined) setRange(spanOf(anchor, cursor));
  };
  const press = (event: KeyboardEvent) => {
    const target = cursorAfter(event.key, cursor, bins.count);
    if (target !== undefined) chosen.value = [event.shiftKey ? (anchor ?? target) : target, target];
    else if (event.key === 'Enter') choose();
    else if (event.key === 'Escape' && chosen.value !== undefined) chosen.value = undefined;
    else return;
    event.preventDefault();
  };
  const describe = (part: Span, counts: string) =>
    `${shownSpan(part.from, part.to)}: ${withUnread(counts, readOf(part, unread), unreadIs)}`;
  const summary =
    anchor === undefined || cursor === undefined
      ? describe(span, countsIn(bins, 0, bins.count - 1))
      : describe(spanOf(anchor, cursor), countsIn(bins, anchor, cursor));

  return (
    <div class="histogram">
      <div
        class="histogram-frame"
        ref={element}
        role="slider"
        tabIndex={0}
        aria-label={`${what} over time`}
        aria-valuemin={0}
        aria-valuemax={bins.count - 1}
        aria-valuenow={cursor ?? 0}
        aria-valuetext={summary}
        onKeyDown={press}
        onDblClick={() => setRange(zoomSpan(span, 2))}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          chosen.value = [pieceAt(event), pieceAt(event)];
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1 && anchor !== undefined) chosen.value = [anchor, pieceAt(event)];
        }}
        onPointerUp={() => {
          if (anchor !== cursor) choose();
        }}
      >
        <svg viewBox={`0 0 ${width.value} ${HEIGHT + AXIS}`} aria-hidden="true">
          <Unread of={readOf(span, unread).unread} what={unreadIs} x={x} />
          <Grid tallest={tallest} width={width.value} />
          <Bars bins={bins} tallest={tallest} x={x} tone={tone} />
          {anchor !== undefined && cursor !== undefined && (
            <rect
              class="chosen"
              x={x(spanOf(anchor, cursor).from)}
              y={0}
              width={Math.max(1, x(spanOf(anchor, cursor).to) - x(spanOf(anchor, cursor).from))}
              height={HEIGHT}
            />
          )}
          <Axis span={span} x={x} width={width.value} />
        </svg>
      </div>
      <p class="histogram-said">
        {summary}
        {anchor !== undefined && (
          <button type="button" class="plain" onClick={choose}>
            Apply
          </button>
        )}
      </p>
    </div>
  );
}

/** Adds what is not loaded to the counts: `12 (9 attributed, …); 10 Mar, 08:00 – 09:00 not loaded`. */
function withUnread(counts: string, { read, unread }: ReturnType<typeof readOf>, unreadIs: string): string {
  if (read === 'all') return counts;
  if (read === 'none') return counts === NOTHING ? unreadIs : `${counts}; there may be more (${unreadIs})`;
  return `${counts}; ${unreadText(unread, unreadIs)}`;
}

/** Returns the first range that is not loaded, and how many more there are: `10 Mar, 08:00 – 09:00 not loaded`. */
export function unreadText([first, ...others]: readonly Span[], unreadIs: string): string {
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : ` and ${others.length} more ${others.length === 1 ? 'range' : 'ranges'}`;
  return `${shownSpan(first.from, first.to)}${more} ${unreadIs}`;
}

function cursorAfter(key: string, cursor: number | undefined, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  if (step === undefined) return undefined;
  return Math.min(count - 1, Math.max(0, (cursor ?? (step > 0 ? -1 : count)) + step));
}

const NOTHING = 'none';

/** Returns the counts of all bins from one to the other: `12 (3 attributed, 9 pending)`. */
function countsIn({ series }: Bins, a: number, b: number): string {
  const [first, last] = [Math.min(a, b), Math.max(a, b)];
  const sums = series.map(({ name, counts }) => ({
    name,
    sum: counts.slice(first, last + 1).reduce((total, count) => total + count, 0),
  }));
  const all = sums.reduce((total, { sum }) => total + sum, 0);
  const each = sums
    .filter(({ sum }) => sum > 0)
    .map(({ name, sum }) => `${sum.toLocaleString()} ${name === OTHERS ? 'other' : writtenText(name)}`);
  return each.length === 0 ? NOTHING : `${all.toLocaleString()} (${each.join(', ')})`;
}

interface UnreadProps {
  readonly of: readonly Span[];
  readonly what: string;
  x(at: number): number;
}

/** The minimum width in pixels for the label. */
const ROOM = 90;

/** Hatched ranges that are not loaded, with a label if there is room. */
function Unread({ of, what, x }: UnreadProps) {
  return (
    <>
      <pattern id="unread" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line class="unread-line" x1={0} x2={0} y1={0} y2={6} />
      </pattern>
      {of.map(({ from, to }) => (
        <g class="unread">
          <rect x={x(from)} y={0} width={Math.max(2, x(to) - x(from))} height={HEIGHT} fill="url(#unread)" />
          {x(to) - x(from) > ROOM && (
            <text class="mark-text" x={(x(from) + x(to)) / 2} y={14}>
              {what}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

function Grid({ tallest, width }: { readonly tallest: number; readonly width: number }) {
  return (
    <>
      <line class="grid" x1={0} x2={width} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      <line class="grid base" x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} />
      <text class="grid-text" x={4} y={10}>
        {tallest.toLocaleString()}
      </text>
    </>
  );
}

interface BarsProps {
  readonly bins: Bins;
  readonly tallest: number;
  x(at: number): number;
  tone(name: string): string;
}

/** The bars. All bars of a series are one path, so that a thousand bars are only a few elements. */
function Bars({ bins, tallest, x, tone }: BarsProps) {
  const below = new Array<number>(bins.count).fill(0);
  const scale = (HEIGHT - 14) / tallest;
  const wide = Math.max(1, x(bins.start + bins.size) - x(bins.start) - 1);
  return (
    <>
      {bins.series.map(({ name, counts }) => {
        const path = counts.map((count, piece) => {
          if (count === 0) return '';
          const bottom = below[piece] ?? 0;
          below[piece] = bottom + count;
          const tall = Math.max(count * scale, bottom === 0 ? 2 : 0.5);
          return `M${x(bins.start + piece * bins.size).toFixed(1)} ${(HEIGHT - bottom * scale).toFixed(1)}h${wide.toFixed(1)}v${(-tall).toFixed(1)}h${(-wide).toFixed(1)}z`;
        });
        return <path class="bar-series" style={{ '--fill': tone(name) }} d={path.join('')} />;
      })}
    </>
  );
}

interface AxisProps {
  readonly span: Span;
  readonly width: number;
  x(at: number): number;
}

function Axis({ span, x, width }: AxisProps) {
  const offset = zone.value === 'utc' ? 0 : -new Date(span.from).getTimezoneOffset() * 60_000;
  return (
    <>
      {marksOf(span, Math.max(2, Math.floor(width / 96)), offset).map((at) => (
        <g>
          <line class="mark" x1={x(at)} x2={x(at)} y1={HEIGHT} y2={HEIGHT + 4} />
          {x(at) > 16 && x(at) < width - 24 && (
            <text class="mark-text" x={x(at)} y={HEIGHT + AXIS - 4}>
              {markText(at, span, offset)}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

function markText(at: number, { from, to }: Span, offset: number): string {
  if ((at + offset) % DAY === 0) return formatTime(at, 'tickDay');
  return formatTime(at, to - from < 600_000 ? 'clock' : 'tickMinute');
}
