import type { AuditRecord } from '../../lib/attribution/record.ts';
import { readAudit } from './audit.ts';
import { product } from './product.ts';
import { type OracleRecord, oracle, type World } from './rules.ts';
import { generateSilences, generateWorld } from './world.ts';

/** An event with different answers from the product and the oracle. */
export type Difference = {
  readonly seed: number;
  readonly event: unknown;
  readonly product: unknown;
  readonly oracle: unknown;
};

/** Returns the first event of a world for which the product and the oracle differ, with both answers. */
export async function differenceOf(seed: number): Promise<Difference | undefined> {
  const world = { ...generateWorld(seed), silences: generateSilences(seed) };
  const records = (await product(world)).map(ofProduct);
  const expected = oracle(world).map(comparable);
  const count = Math.max(records.length, expected.length);
  for (let index = 0; index < count; index += 1) {
    const [mine, theirs] = [records[index], expected[index]];
    if (JSON.stringify(mine) === JSON.stringify(theirs)) continue;
    return { seed, event: eventAt(world, index), product: mine, oracle: theirs };
  }
  return undefined;
}

function eventAt({ audit }: World, index: number): unknown {
  const { cluster, raw } = readAudit(audit, () => undefined)[index] ?? {};
  return cluster === undefined ? raw : { cluster, ...raw };
}

/** Returns a difference as readable lines. */
export function printed({ seed, event, product, oracle }: Difference): string {
  return [
    `world ${seed} (npx node test/oracle/differences.ts ${seed}):`,
    `event   ${JSON.stringify(event)}`,
    `product ${JSON.stringify(product)}`,
    `oracle  ${JSON.stringify(oracle)}`,
  ].join('\n');
}

type ComparableRecord = Pick<OracleRecord, 'auditId' | 'uri' | 'action' | 'caller' | 'impersonated'> & {
  readonly attribution: object;
};

function ofProduct({ auditId, request, action, caller, impersonated, attribution }: AuditRecord): ComparableRecord {
  return comparable({
    auditId,
    uri: request?.uri,
    action: action as ComparableRecord['action'],
    caller: caller as ComparableRecord['caller'],
    impersonated,
    attribution,
  } as ComparableRecord);
}

/** Returns an answer for comparison, with keys and candidates in a fixed order. */
function comparable({ auditId, uri, action, caller, impersonated, attribution }: ComparableRecord): ComparableRecord {
  const { kind, sessionName, sessionNameFrom, accountId, roleId, accessKeyId, canonicalArn, credentialId, pod } =
    caller;
  const { candidates, ...rest } = attribution as { candidates?: readonly unknown[] };
  const { username, uid, first, original } = impersonated ?? {};
  const sorted = candidates?.map((candidate) => sortedKeys(candidate)).sort((a, b) => (text(a) < text(b) ? -1 : 1));
  return sortedKeys({
    auditId,
    uri,
    action,
    caller: { kind, sessionName, sessionNameFrom, accountId, roleId, accessKeyId, canonicalArn, credentialId, pod },
    impersonated: impersonated && { username, uid, first, original },
    attribution: { ...rest, candidates: sorted },
  }) as ComparableRecord;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sortedKeys(entry)]),
  );
}

/**
 * Runs the command: `differences.ts SEED` shows one world and its differences. Without a seed it shows how many of
 * 10,000 worlds differ, and how.
 */
async function main(): Promise<void> {
  if (process.argv[2] !== undefined) {
    const seed = Number(process.argv[2]);
    console.log(JSON.stringify(generateWorld(seed), null, 1));
    const difference = await differenceOf(seed);
    console.log(difference ? printed(difference) : 'no difference');
    return;
  }
  const kinds = new Map<string, number[]>();
  for (let seed = 0; seed < 10_000; seed += 1) {
    const difference = await differenceOf(seed);
    if (difference) kinds.set(kindOf(difference), [...(kinds.get(kindOf(difference)) ?? []), seed]);
  }
  const often = [...kinds].sort(([, a], [, b]) => b.length - a.length);
  for (const [kind, seeds] of often) console.log(String(seeds.length).padStart(6), kind, `e.g. ${seeds.slice(0, 4)}`);
}

/** Returns the paths at which two answers differ, with the values if they are short. */
function kindOf({ product, oracle }: Difference): string {
  return pathsOf(product, oracle, '').slice(0, 4).join('; ');
}

function pathsOf(a: unknown, b: unknown, path: string): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (!isComposed(a) || !isComposed(b)) return [`${path} ${isComposed(a) ? '…' : a}/${isComposed(b) ? '…' : b}`];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const values = (of: object) => of as Record<string, unknown>;
  return keys.flatMap((key) => pathsOf(values(a)[key], values(b)[key], path === '' ? key : `${path}.${key}`));
}

function isComposed(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

if (import.meta.main) await main();
