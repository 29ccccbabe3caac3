import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chartOfCurves, type NamedCurve } from '../chart.ts';
import { type ScaleLine, scaleLine } from './line.ts';
import { RATE, RELIEVED, SCENES } from './scenes.ts';

/**
 * `node bench/scale/main.ts [--charts FOLDER]`: the deployed service under loads from 10 to 100,000 events a second, simulated with AWS's
 * quotas (`quotas.ts`) and the service's own constants (`service.ts`), each a JSON line. The same on each machine.
 */
const { values } = parseArgs({ options: { charts: { type: 'string' } } });

const lines: ScaleLine[] = [];
for (const [name, given] of SCENES) {
  const line = scaleLine(name, given);
  lines.push(line);
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
if (values.charts !== undefined) {
  mkdirSync(values.charts, { recursive: true });
  for (const [name, { costs, curves }] of Object.entries(charts())) {
    const svg = chartOfCurves(name, { title: costs, sizes: 'events a second', costs }, curves);
    writeFileSync(join(values.charts, `${name}.svg`), svg);
  }
}

/** The charts of a whole run, by file name. */
function charts(): Readonly<Record<string, { readonly costs: string; readonly curves: readonly NamedCurve[] }>> {
  const curve = (name: string, scale: string, y: (line: ScaleLine) => number | undefined): NamedCurve => ({
    name,
    points: lines.flatMap((line) => {
      const value = line.scale === scale ? y(line) : undefined;
      return value === undefined ? [] : [[line.eventsPerSecond, Math.max(value, 1e-4)] as const];
    }),
  });
  const parts = Object.keys(lines.find(({ scale }) => scale === RATE)?.use ?? {});
  return {
    lag: {
      costs: 'Seconds from an event, the slowest twentieth',
      curves: [
        curve('stored', RATE, ({ stored }) => stored?.p95),
        curve('named', RATE, ({ named }) => named?.p95),
        curve('stored, all turned on', RELIEVED, ({ stored }) => stored?.p95),
        curve('named, all turned on', RELIEVED, ({ named }) => named?.p95),
      ],
    },
    use: {
      costs: 'Asked of each part, of what it can do (1 = full)',
      curves: parts.map((part) => curve(part, RATE, ({ use }) => use[part])),
    },
    cost: {
      costs: 'US dollars a month, by list prices',
      curves: [curve('', RATE, ({ dollarsOfMonth }) => dollarsOfMonth)],
    },
  };
}
