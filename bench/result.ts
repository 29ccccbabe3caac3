import type { Cost } from './measure.ts';

/**
 * One row of the table in docs/performance.md: the cost of the product, the cost of what it is compared with, and the
 * ratio.
 */
export interface BenchLine {
  readonly bench: string;
  /** Measured figures of the product; the keys state the units. */
  readonly ours: Figures;
  readonly against: { readonly what: string } & Figures;
  /** Ours divided by the other's, for each figure that both have. */
  readonly ratio: Figures;
  /** The aim, in words. Missing it fails nothing. */
  readonly reach: string;
  readonly note?: string | undefined;
  /** Growth of the cost, for a chart. */
  readonly curve?: Curve | undefined;
}

/** Measurements at several sizes, the smallest first. */
export interface Curve {
  readonly title: string;
  /** Labels of the axes, with units. */
  readonly sizes: string;
  readonly costs: string;
  readonly points: readonly (readonly [size: number, cost: number])[];
}

export type Figures = Readonly<Record<string, number | string>>;

export function benchLine(
  bench: string,
  { ours, against, reach, note, curve }: Omit<BenchLine, 'bench' | 'ratio'>,
): BenchLine {
  return { bench, ours, against, ratio: ratios(ours, against), reach, note, curve };
}

/** Returns a row from the costs of two programs. */
export function costLine(
  bench: string,
  { ours, theirs }: { readonly ours: Cost; readonly theirs: Cost },
  what: string,
  rest: Pick<BenchLine, 'reach' | 'note'>,
): BenchLine {
  return benchLine(bench, { ours: figuresOf(ours), against: { what, ...figuresOf(theirs) }, ...rest });
}

function ratios(ours: Figures, against: Figures): Figures {
  const shared = Object.entries(ours).flatMap(([name, value]) => {
    const other = against[name];
    const both = typeof value === 'number' && typeof other === 'number' && other > 0;
    return both ? [[name, rounded(value / other)] as const] : [];
  });
  return Object.fromEntries(shared);
}

/** Rounds to three significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

export function figuresOf({ wallSeconds, cpuSeconds, peakMegabytes }: Cost): Figures {
  return {
    wallSeconds: rounded(wallSeconds),
    cpuSeconds: rounded(cpuSeconds),
    ...(peakMegabytes > 0 && { peakMegabytes: Math.round(peakMegabytes) }),
  };
}

/** Two programs that should agree do not. Only this fails a bench. */
export class OutputsDiffer extends Error {}
