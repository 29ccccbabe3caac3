import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePage } from '../../console/build.ts';
import { ROOT } from '../../release/bundle.ts';
import { buildPackage } from '../../release/package.ts';
import { type Cost, inPairs, measure, median } from '../measure.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, benchLine, figuresOf, rounded } from '../result.ts';
import { temporaryFolder } from '../world/kept.ts';

/**
 * Rows of the built package's start, compared with a Node.js that does nothing: to `--version`, and to the first record
 * of the examples.
 */

const ATTRIBUTE = [
  'attribute',
  '--audit',
  join(ROOT, 'examples/audit'),
  '--cloudtrail',
  join(ROOT, 'examples/cloudtrail'),
];

export async function* startUpRows({ starts }: AllSizes): AsyncGenerator<BenchLine> {
  using folder = temporaryFolder(); // beside its sources the program would run these
  await buildPackage(await bundlePage(), folder.path);
  for (const name of ['bin', 'package.json']) cpSync(join(ROOT, name), join(folder.path, name), { recursive: true });
  const program = join(folder.path, 'bin/eks-whois');
  const nothing = () => measure(['--eval', '0']);
  yield await rowOf('start-up-version', [program, '--version'], starts, { reach: '0.15 s' }, nothing);
  const seconds: number[] = [];
  for (let start = 0; start < starts; start += 1) seconds.push(await secondsToFirstByte([program, ...ATTRIBUTE]));
  const first = { firstRecordSeconds: rounded(median(seconds)) };
  yield await rowOf(
    'start-up-first-record',
    [program, ...ATTRIBUTE],
    starts,
    { reach: '0.25 s to the first record', first },
    nothing,
  );
}

interface Row {
  readonly reach: string;
  readonly first?: Readonly<Record<string, number>>;
}

async function rowOf(
  bench: string,
  args: readonly string[],
  starts: number,
  { reach, first }: Row,
  nothing: () => Cost,
) {
  const { ours, theirs } = await inPairs(starts, () => measure(args), nothing);
  return benchLine(bench, {
    ours: { ...first, ...figuresOf(ours) },
    against: { what: 'node that does nothing', ...figuresOf(theirs) },
    reach,
    note: `medians of ${starts} starts, to the end; both load what measures them`,
  });
}

async function secondsToFirstByte(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  const seconds = (performance.now() - start) / 1_000;
  child.stdout.resume();
  await closed;
  return seconds;
}
