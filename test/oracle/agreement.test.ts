import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { cases } from '../builders/thoroughness.ts';
import { product } from './product.ts';
import { type OracleRecord, oracle } from './rules.ts';
import { generateWorld } from './world.ts';

const WORLDS = cases(1_000, 10_000);
const SLICES = 10;

/** Candidates of one time may stand in either order. */
function comparable(auditId: string, caller: OracleRecord['caller'], attribution: object): object {
  const { kind, sessionName, accountId, roleId, accessKeyId } = caller;
  const { candidates, ...rest } = attribution as { candidates?: readonly unknown[] };
  const sorted = candidates?.map((candidate) => JSON.stringify(sortedKeys(candidate))).sort();
  return { auditId, kind, sessionName, accountId, roleId, accessKeyId, ...rest, candidates: sorted };
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

function ofProduct({ auditId, caller, attribution }: AuditRecord): object {
  return comparable(auditId, caller as OracleRecord['caller'], attribution);
}

describe('the product and the brute-force oracle', () => {
  for (let slice = 0; slice < SLICES; slice += 1) {
    it(`agree on ${WORLDS / SLICES} generated worlds (slice ${slice})`, async () => {
      for (let seed = slice; seed < WORLDS; seed += SLICES) {
        const world = generateWorld(seed);
        const records = (await product(world)).map(ofProduct);
        const expected = oracle(world).map((record) => comparable(record.auditId, record.caller, record.attribution));
        expect(records, `world ${seed}`).toEqual(expected);
      }
    });
  }
});
