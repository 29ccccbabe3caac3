import { type Cost, median } from './measure.ts';

/**
 * Runs two programs in pairs, and the one that goes first alternates, so that a machine that slows down slows both. What
 * each cost is the median of its runs, the peak the highest.
 */
export function inPairs(pairs: number, ours: () => Cost, theirs: () => Cost): { ours: Cost; theirs: Cost } {
  const mine: Cost[] = [];
  const others: Cost[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) mine.push(ours());
    others.push(theirs());
    if (pair % 2 === 1) mine.push(ours());
  }
  return { ours: middle(mine), theirs: middle(others) };
}

/** As `inPairs`, where this process answers meanwhile what the two ask. */
export async function inTurns(
  rounds: number,
  ours: () => Promise<Cost>,
  theirs: () => Promise<Cost>,
): Promise<{ ours: Cost; theirs: Cost }> {
  const mine: Cost[] = [];
  const others: Cost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) mine.push(await ours());
    others.push(await theirs());
    if (round % 2 === 1) mine.push(await ours());
  }
  return { ours: middle(mine), theirs: middle(others) };
}

function middle(costs: readonly Cost[]): Cost {
  return {
    wallSeconds: median(costs.map((cost) => cost.wallSeconds)),
    cpuSeconds: median(costs.map((cost) => cost.cpuSeconds)),
    peakMegabytes: Math.max(...costs.map((cost) => cost.peakMegabytes)),
  };
}
