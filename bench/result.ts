import type { Cost } from './measure.ts';

/** One row of the table in docs/performance.md: what the product cost, what it is measured against, and the ratio. */
export interface BenchLine {
  readonly bench: string;
  /** What was measured, in the unit that the keys state. */
  readonly ours: Figures;
  readonly against: { readonly what: string } & Figures;
  /** Ours divided by the other's, of each figure that both have. */
  readonly ratio: Figures;
  /** What is aimed at, in words: nothing fails where it is missed. */
  readonly reach: string;
  readonly note?: string | undefined;
  /** How the cost grows, for a chart. */
  readonly curve?: Curve | undefined;
}

/** What is measured at several sizes, the smallest first. */
export interface Curve {
  readonly title: string;
  /** What each axis has, with its unit. */
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

/** A row of what two programs cost. */
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

/** Three digits that mean something. */
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

/** Two programs that should do the same do not: the only thing that fails a bench. */
export class OutputsDiffer extends Error {}
