import type { Curve } from './result.ts';

/**
 * Curves as SVG. Both axes are logarithmic, so that linear growth is a straight line; with one curve, a dashed line
 * shows linear growth. Color is never the only sign, and the description repeats what is drawn.
 */

const WIDTH = 640;
const HEIGHT = 400;
const LEFT = 90;
const RIGHT = 40;
const TOP = 48;
const BOTTOM = 64;
/** Space right of the chart for the names of several curves. */
const NAMES = 190;
const COLOURS = [
  '#1d4ed8',
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

/** An axis by powers of ten. */
class Axis {
  readonly #from: number;
  readonly #to: number;
  readonly #start: number;
  readonly #end: number;

  constructor(values: readonly number[], [start, end]: readonly [number, number]) {
    this.#from = Math.floor(Math.log10(Math.min(...values)));
    this.#to = Math.max(this.#from + 1, Math.ceil(Math.log10(Math.max(...values))));
    [this.#start, this.#end] = [start, end];
  }

  at(value: number): number {
    const share = (Math.log10(value) - this.#from) / (this.#to - this.#from);
    return Math.round((this.#start + share * (this.#end - this.#start)) * 10) / 10;
  }

  get ticks(): readonly number[] {
    return Array.from({ length: this.#to - this.#from + 1 }, (_, step) => 10 ** (this.#from + step));
  }

  /** The last value of the axis. */
  get most(): number {
    return 10 ** this.#to;
  }
}

/** A curve with its name, which is shown beside the chart if there are several. */
export interface NamedCurve {
  readonly name: string;
  readonly points: Curve['points'];
}

/** Draws one curve with a line of linear growth. */
export function chartOf(id: string, { points, ...labels }: Curve): string {
  return chartOfCurves(id, labels, [{ name: '', points }]);
}

/**
 * Returns the text of the file.
 * @param id the name of the file, used in the IDs of title and description.
 */
export function chartOfCurves(
  id: string,
  { title, sizes, costs }: Omit<Curve, 'points'>,
  all: readonly NamedCurve[],
): string {
  const curves = all.map(({ name, points }) => ({
    name,
    points: points.filter(([size, cost]) => size > 0 && cost > 0),
  }));
  const points = curves.flatMap((curve) => curve.points);
  const [first] = points;
  if (first === undefined) throw new Error(`nothing to draw of ${title}`);
  const isOne = curves.length === 1;
  const x = new Axis(
    points.map(([size]) => size),
    [LEFT, WIDTH - RIGHT],
  );
  const y = new Axis(
    points.map(([, cost]) => cost),
    [HEIGHT - BOTTOM, TOP],
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${isOne ? WIDTH : WIDTH + NAMES} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc" font-family="sans-serif" font-size="13">`,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-desc">${escaped(`${costs} by ${sizes}, both by powers of ten. ${curves.map(inWords).join(' ')}`)}${isOne ? ' The dashed line is what growth in step with the size would be.' : ''}</desc>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="${LEFT}" y="26" font-size="16" font-weight="bold">${escaped(title)}</text>`,
    ...x.ticks.flatMap((tick) => verticalTick(x.at(tick), tick)),
    ...y.ticks.flatMap((tick) => horizontalTick(y.at(tick), tick)),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${escaped(sizes)}</text>`,
    `<text transform="translate(18 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escaped(costs)}</text>`,
    ...(isOne ? linear(first, x, y) : []),
    ...curves.flatMap((curve, at) => drawn(curve, at, x, y)),
    ...(isOne ? points.flatMap(([size, cost]) => marked(x.at(size), y.at(cost), cost)) : []),
    '</svg>',
  ].join('\n')}\n`;
}

function inWords({ name, points }: NamedCurve): string {
  return `${name && `${name}: `}${points.map(([size, cost]) => `${count(size)}: ${amount(cost)}`).join('; ')}.`;
}

function drawn({ name, points }: NamedCurve, at: number, x: Axis, y: Axis): string[] {
  const colour = COLOURS[at % COLOURS.length];
  const measured = points.map(([size, cost]) => `${x.at(size)},${y.at(cost)}`).join(' ');
  const line = `<polyline points="${measured}" fill="none" stroke="${colour}" stroke-width="2.5"/>`;
  const place = `x="${WIDTH - RIGHT + 12}" y="${TOP + 18 * at + 4}"`;
  return name === '' ? [line] : [line, `<text ${place} fill="${colour}">${escaped(name)}</text>`];
}

function verticalTick(at: number, value: number): string[] {
  return [
    `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${HEIGHT - BOTTOM}" stroke="#d4d4d8"/>`,
    `<text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${count(value)}</text>`,
  ];
}

function horizontalTick(at: number, value: number): string[] {
  return [
    `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#d4d4d8"/>`,
    `<text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${amount(value)}</text>`,
  ];
}

/** Returns the line of linear growth from the first point to the end of the shorter axis. */
function linear([size, cost]: readonly [number, number], x: Axis, y: Axis): string[] {
  const factor = Math.min(x.most / size, y.most / cost);
  const to = `x2="${x.at(size * factor)}" y2="${y.at(cost * factor)}"`;
  return [
    `<text x="${WIDTH - RIGHT}" y="26" text-anchor="end" fill="#52525b">dashed: in step with the size</text>`,
    `<line x1="${x.at(size)}" y1="${y.at(cost)}" ${to} stroke="#52525b" stroke-dasharray="6 5"/>`,
  ];
}

function marked(x: number, y: number, cost: number): string[] {
  return [
    `<circle cx="${x}" cy="${y}" r="4.5" fill="#1d4ed8"/>`,
    x < LEFT + 40
      ? `<text x="${x + 10}" y="${y + 14}">${amount(cost)}</text>`
      : `<text x="${x - 8}" y="${y - 9}" text-anchor="end">${amount(cost)}</text>`,
  ];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function amount(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
