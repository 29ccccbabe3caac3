import type { ScaleLine } from './line.ts';
import { RATE, RELIEVED } from './scenes.ts';

interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The charts of a whole run, by file name. */
export function charts(lines: readonly ScaleLine[]): ReadonlyMap<string, string> {
  const of = (scale: string) => lines.filter((line) => line.scale === scale);
  const curve = (name: string, scale: string, y: (line: ScaleLine) => number | undefined): Curve => ({
    name,
    points: of(scale).flatMap((line) => {
      const value = y(line);
      return value === undefined ? [] : [[line.eventsPerSecond, value] as const];
    }),
  });
  const parts = Object.keys(of(RATE)[0]?.use ?? {});
  return new Map([
    [
      'lag.svg',
      drawn('Seconds from an event, the slowest twentieth', [
        curve('stored', RATE, ({ stored }) => stored?.p95),
        curve('named', RATE, ({ named }) => named?.p95),
        curve('stored, all turned on', RELIEVED, ({ stored }) => stored?.p95),
        curve('named, all turned on', RELIEVED, ({ named }) => named?.p95),
      ]),
    ],
    [
      'use.svg',
      drawn(
        'Asked of each part, of what it can do (1 = full)',
        parts.map((part) => curve(part, RATE, ({ use }) => use[part])),
      ),
    ],
    ['cost.svg', drawn('US dollars a month', [curve('list prices', RATE, ({ dollarsOfMonth }) => dollarsOfMonth)])],
  ]);
}

const [WIDTH, HEIGHT] = [820, 420];
const PLOT = { left: 70, right: 590, top: 40, bottom: 370 };
const COLOURS = [
  '#0b6e99',
  '#c2410c',
  '#15803d',
  '#7e22ce',
  '#a16207',
  '#be185d',
  '#334155',
  '#0f766e',
  '#4338ca',
  '#0ea5e9',
];

/** Both axes by powers of ten; across events a second. */
function drawn(title: string, curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points.map(([x, y]) => [x, Math.max(y, 1e-4)] as const));
  const xs = powers(all.map(([x]) => x));
  const ys = powers(all.map(([, y]) => y));
  const across = scaled(xs, PLOT.left, PLOT.right);
  const up = scaled(ys, PLOT.bottom, PLOT.top);
  const paths = curves.map(({ name, points }, at) => {
    const colour = COLOURS[at % COLOURS.length];
    const d = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${across(x)} ${up(Math.max(y, 1e-4))}`).join('');
    const label = `<text x="${PLOT.right + 12}" y="${PLOT.top + 18 * at + 4}" fill="${colour}">${name}</text>`;
    return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`;
  });
  const lines = [
    ...xs.map((x) => `<line x1="${across(x)}" x2="${across(x)}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>`),
    ...ys.map((y) => `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${up(y)}" y2="${up(y)}"/>`),
  ];
  const labels = [
    ...xs.map((x) => `<text x="${across(x)}" y="${PLOT.bottom + 18}" text-anchor="middle">${x}</text>`),
    ...ys.map((y) => `<text x="${PLOT.left - 8}" y="${up(y) + 4}" text-anchor="end">${y}</text>`),
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 38}" text-anchor="middle">events a second</text>`,
    `<text x="${PLOT.left}" y="22" font-weight="bold">${title}</text>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>${title}</title><rect width="100%" height="100%" fill="#fff"/>
<g stroke="#e2e8f0">${lines.join('')}</g>
${labels.join('')}
${paths.join('\n')}
</svg>
`;
}

function powers(values: readonly number[]): number[] {
  const [from, to] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  return Array.from({ length: Math.max(1, to - from) + 1 }, (_, at) => Number((10 ** (from + at)).toPrecision(1)));
}

function scaled(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
  return (value) => Math.round(from + ((Math.log10(value) - low) / (high - low)) * (to - from));
}
