import { describe, expect, it } from 'vitest';
import { recordIdentity } from '../../lib/attribution/copies.ts';
import { recordHead } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { isJsonObject } from '../../lib/json.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { worldNumbers } from '../builders/chance.ts';
import { piecesOf } from '../builders/pieces.ts';
import { auditPayload, recordsOverFiles } from '../evidence/over-files.ts';
import { settingsOf } from '../evidence/settings.ts';
import { framingWorld } from '../framing/world.ts';
import { drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';
import { comparableRecords, fed } from './feeding.ts';
import { anySchedule, type Deliverable, scheduleText } from './schedule.ts';

const NUMBERS = worldNumbers(100);
/** Limits the differences that a failure shows. */
const SHOWN = 4;

interface PartitionWorld extends Deliverable {
  readonly settings: AttributionSettings;
  /** The time of the first delivery: soon after the first events, or when all are long over. */
  readonly noon: number;
}

/** Returns a few hours in a company, with its adversary and forged lines. */
function ofCompany(seed: number): PartitionWorld {
  const { deeds, facts, ...configured } = framingWorld(seed);
  return {
    audit: deeds.map(({ event, delivered }) => delivered ?? auditPayload([event], 'prod-1')),
    cloudtrail: facts.flatMap(({ value, known }) => (known === 'never' ? [] : [value])),
    settings: settingsOf(configured),
    noon: Date.UTC(2026, 2, 10, 12, 15),
  };
}

interface Likenesses extends Deliverable {
  readonly usernameTemplates: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly identityStores?: readonly string[];
}

/** Returns a world with many similar names and times. */
function ofLikenesses(seed: number): PartitionWorld {
  const {
    audit,
    cloudtrail,
    usernameTemplates,
    trustedProxies = [],
    identityStores = [],
  }: Likenesses = generateWorld(seed);
  return {
    audit: withoutRivals(audit),
    cloudtrail,
    settings: settingsOf({ templates: usernameTemplates, proxies: trustedProxies, stores: identityStores }),
    noon: Date.UTC(2024, 4, 1, 10, 5),
  };
}

/**
 * Returns the events without rivals. If two events have one identity and yet differ, the order decides which one is
 * kept, so one is left out.
 */
function withoutRivals(audit: readonly unknown[]): unknown[] {
  const texts = new Map<string, string>();
  return audit.filter((value) => {
    const event = isJsonObject(value) ? parseAuditEvent(value) : 'no event';
    if (typeof event === 'string') return true;
    const text = JSON.stringify(value);
    const identity = recordIdentity(recordHead(event, {}));
    const first = texts.get(identity) ?? text;
    texts.set(identity, first);
    return first === text;
  });
}

/**
 * Returns IAM users who were seen with two names in one hour. The service keeps one sighting of a name for each hour,
 * the first that comes (`filingsOf`), so either name can count as the later one. It is the same user.
 */
function renamedWithinAnHour(cloudtrail: readonly unknown[]): ReadonlySet<unknown> {
  const names = new Map<string, unknown>();
  const renamed = new Set<unknown>();
  for (const record of cloudtrail.flatMap((value) => piecesOf(value).trail)) {
    const { userIdentity, eventTime } = record;
    if (!isJsonObject(userIdentity) || userIdentity.type !== 'IAMUser') continue;
    const { principalId, userName } = userIdentity;
    const hour = `${String(principalId)} ${String(eventTime).slice(0, 13)}`;
    if (names.has(hour) && names.get(hour) !== userName) renamed.add(principalId);
    names.set(hour, userName);
  }
  return renamed;
}

/** Returns a replacer for `JSON.stringify` that leaves out the names of these users. */
function withoutNamesOf(renamed: ReadonlySet<unknown>) {
  return (_: string, value: unknown): unknown =>
    isJsonObject(value) && renamed.has(value.principalId) ? { ...value, name: 'either' } : value;
}

/** Returns how the service's records differ from those of files. Empty if they are equal. Indexes are delayed. */
async function difference(seed: number, world: PartitionWorld): Promise<string[]> {
  const draw = drawFrom(seed);
  const steps = anySchedule(draw, world);
  const start = epochMillis(world.noon + draw.pick([0, 20 * MINUTE, 48 * HOUR]));
  const names = withoutNamesOf(renamedWithinAnHour(world.cloudtrail));
  const { stores } = await fed(steps, { settings: world.settings, start, random: () => draw.below(1_000) / 1_000 });
  const records = comparableRecords(stores.records.all().map(({ record }) => record)).map((record) =>
    JSON.stringify(record, names),
  );
  const expected = comparableRecords(await recordsOverFiles(world)).map((record) => JSON.stringify(record, names));
  const odd = records.filter((record) => !expected.includes(record));
  const missing = expected.filter((record) => !records.includes(record));
  if (odd.length + missing.length === 0) return [];
  const at = `world ${seed}: ${scheduleText(steps, world)}`;
  return [`${at}\n  over files: ${missing[0]}\n  over the service: ${odd[0]}`];
}

async function differences(worldOf: (seed: number) => PartitionWorld): Promise<string[]> {
  const found: string[] = [];
  for (const seed of NUMBERS) found.push(...(await difference(seed, worldOf(seed))));
  return found;
}

describe.each([
  ['a company with an adversary', ofCompany],
  ['worlds full of likenesses', ofLikenesses],
])('of %s', (_title, worldOf) => {
  it('any split and any order of deliveries, with any settling between, ends in the records that files give', async () => {
    const found = await differences(worldOf);
    if (found.length > 0)
      expect.fail(`${found.length} of ${NUMBERS.length} differ\n${found.slice(0, SHOWN).join('\n')}`);
  });
});
