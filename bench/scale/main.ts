import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { charts } from './charts.ts';
import { type ScaleLine, scaleLine } from './line.ts';
import { SCENES } from './scenes.ts';

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
  for (const [file, svg] of charts(lines)) writeFileSync(join(values.charts, file), svg);
}
