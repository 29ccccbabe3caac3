import { type BenchLine, benchLine, type Figures } from '../result.ts';
import { type ScaleLine, scaleLine } from '../scale/line.ts';
import { QUICK, RATE } from '../scale/scenes.ts';

/**
 * Rows of the simulation (`bench/scale`): some loads, each compared with the same load with relief. The results are the
 * same on each machine.
 */
export async function* scaleRows(): AsyncGenerator<BenchLine> {
  const lines = QUICK.map(([name, given]) => scaleLine(name, given));
  for (const line of lines.filter(({ scale }) => scale === RATE)) {
    const relieved = lines.find((each) => each !== line && each.eventsPerSecond === line.eventsPerSecond);
    if (relieved === undefined) continue;
    yield benchLine(`scale-${line.eventsPerSecond}`, {
      ours: figures(line),
      against: { what: `the same with ${relieved.relief.shards} shards, simulated`, ...figures(relieved) },
      reach: 'the same lag until a part is full, which is named',
      note: line.bends.length === 0 ? 'nothing is full' : `full: ${line.bends.join(', ')}`,
    });
  }
}

function figures({ stored, named, use }: ScaleLine): Figures {
  return { storedP95Seconds: stored?.p95 ?? 0, namedP95Seconds: named?.p95 ?? 0, settleUse: use.settle ?? 0 };
}
