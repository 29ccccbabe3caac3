import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The wall between the pure rooms and the world (`npm run wall`): no import runs up, and the pure rooms know no SDK, no
 * `node:`, no clock, no chance and no environment. The rooms are those of docs/design.md.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** From the ground up; rooms of one number stand side by side and do not import each other, save within themselves. */
const FLOORS: readonly (readonly string[])[] = [
  [
    'lib/json.ts',
    'lib/time.ts',
    'lib/metrics.ts',
    'lib/nearness.ts',
    'lib/by-halves.ts',
    'lib/turns.ts',
    'lib/wildcard.ts',
    'lib/recent-map.ts',
    'lib/shell.ts',
    'lib/concurrency.ts',
    'lib/error-code.ts',
  ],
  ['lib/identity'],
  ['lib/audit', 'lib/cloudtrail', 'lib/kubeconfig'],
  ['lib/envelopes'],
  ['lib/attribution'],
  ['lib/doctor'],
  ['lib/claims', 'lib/counts', 'lib/cost', 'lib/recognize', 'lib/heartbeats'],
  ['lib/words'],
  ['lib/ports'],
  ['lib/usecases', 'lib/adapters', 'lib/ocsf'],
  ['lib/ecs'],
  ['console'],
  ['lib/config.ts'],
  ['functions', 'infra'],
  ['local'],
  ['cli'],
  ['bin'],
];
/** Every room of lib is pure but these. */
const IMPURE = ['lib/adapters', 'lib/config.ts'];
const PURE = FLOORS.flat().filter((room) => room.startsWith('lib/') && !IMPURE.includes(room));
/** Packages that a pure room may import: functions of texts, which know nothing of the world either. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'lib/kubeconfig': ['yaml', 'diff'],
};
/** The page, which runs in a browser. It may import itself, the pure rooms, and the settings that the service gives it. */
const PAGE = 'console/page/';
const SHOWN = ['console/settings.ts'];
/**
 * The one module of the use cases that reads pages of records. What the others read may decide who is named, so it is read by turns of the
 * accounts (CONTRACT, 13.54).
 */
const BY_TURNS = ['lib/usecases/query/pages.ts', 'lib/usecases/query/pages-in-turns.ts'];
const WITHOUT_TURNS = /\b(?:pagesOf|allRecords|(?:service|tables|sources)\.records\()/;
const WORLDLY = /\b(?:Date\.now\(|new Date\(\)|Math\.random\(|performance\.|process\.|setTimeout\(|console\.)/;
const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g;

function roomOf(path: string): string | undefined {
  return FLOORS.flat().find((room) => path === room || path.startsWith(`${room}/`));
}

function floorOf(room: string): number {
  return FLOORS.findIndex((floor) => floor.includes(room));
}

function flawsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const room = roomOf(path);
  if (room === undefined) return [];
  const isPure = PURE.includes(room);
  const flaws = isPure && WORLDLY.test(code) ? [`${path}: a pure room uses ${WORLDLY.exec(code)?.[0]}`] : [];
  if (room === 'lib/usecases' && !BY_TURNS.includes(path) && WITHOUT_TURNS.test(code))
    flaws.push(`${path}: reads records without turns of the accounts (${WITHOUT_TURNS.exec(code)?.[0]})`);
  for (const match of code.matchAll(IMPORT)) {
    const target = match[1] ?? match[2] ?? '';
    const flaw = target.startsWith('.') ? relativeFlaw(path, room, target) : packageFlaw(room, target);
    if (flaw !== undefined) flaws.push(`${path}: ${flaw}`);
  }
  return flaws;
}

function packageFlaw(room: string, target: string): string | undefined {
  return PURE.includes(room) && PACKAGES[room]?.includes(target) !== true ? `imports ${target}` : undefined;
}

function relativeFlaw(path: string, room: string, target: string): string | undefined {
  const imported = relative(ROOT, join(ROOT, dirname(path), target));
  const other = roomOf(imported);
  if (path.startsWith(PAGE) && !imported.startsWith(PAGE) && !SHOWN.includes(imported) && !PURE.includes(other ?? ''))
    return `imports ${imported}, which no browser has`;
  if (other === undefined)
    return imported === 'package.json' ? undefined : `imports ${imported}, which lies in no room`;
  if (other === room) return undefined;
  return floorOf(other) < floorOf(room) ? undefined : `imports ${imported}, which lies above it or beside it`;
}

const files = globSync(
  ['lib', 'console', 'functions', 'infra', 'cli', 'local'].map((room) => `${room}/**/*.{ts,tsx}`),
  { cwd: ROOT },
);
const flaws = files.flatMap(flawsOf);
for (const flaw of flaws) console.error(flaw);
console.log(`the wall: ${files.length} files, ${flaws.length} flaws`);
process.exitCode = flaws.length === 0 ? 0 : 1;
