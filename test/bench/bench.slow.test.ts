import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BenchLine } from '../../bench/result.ts';
import { Folder, REPOSITORY } from '../builders/command.ts';

/** Small enough for a test: that each row runs and its answers agree, not what it costs. */
const SMALL = {
  pairs: 1,
  starts: 1,
  sessions: 150,
  questions: 5,
  warm: 5,
  trail: 1_000,
  records: 200,
  named: 200,
  claims: 200,
};
const SIZES = Object.entries(SMALL).flatMap(([name, size]) => [`--${name}`, String(size)]);

describe('npm run bench', () => {
  it('prints its quick rows as JSON lines, and draws how costs grow', () => {
    using folder = new Folder();
    const charts = folder.at('charts');
    const rows = ['cold-start', 'whois', 'whois-cloudtrail', 'growth', 'scale'];
    const printed = execFileSync(process.execPath, ['bench/main.ts', ...rows, ...SIZES, '--charts', charts], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    });
    const lines = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BenchLine);
    const functions = ['grants', 'ingest', 'settle', 'api', 'subscribe', 'hand-over', 'console'];
    expect(lines.map(({ bench }) => bench)).toEqual([
      ...functions.map((name) => `cold-start-${name}`),
      'whois-100',
      'whois-session-100',
      'whois-150',
      'whois-session-150',
      'whois-cloudtrail',
      'whois-cloudtrail-hop',
      'growth-name',
      'growth-claim',
      'growth-busy-claim',
      'growth-claims',
      'scale-100',
      'scale-1000',
    ]);
    const of = (name: string) => lines.find(({ bench }) => bench === name);
    for (const name of ['whois', 'whois-session'])
      expect(of(`${name}-150`)?.ours.requests).toBe(of(`${name}-100`)?.ours.requests);
    expect([of('whois-cloudtrail'), of('whois-cloudtrail-hop')].map((line) => line?.ours.requestsARegion)).toEqual([
      1, 2,
    ]);
    expect(of('whois-cloudtrail')?.against.requestsARegion).toBe(20);
    expect(of('growth-claim')?.ratio.readsEach).toBe(1);
    expect(of('growth-claims')?.ratio.readsEach).toBeLessThanOrEqual(1.25); // if more than a page is due, it is read again with the others
    expect(of('scale-1000')?.note).toContain('look-ups');
    expect(readdirSync(charts)).toEqual(['growth-claim.svg', 'growth-claims.svg', 'growth-name.svg']);
    expect(readFileSync(`${charts}/growth-name.svg`, 'utf8')).toContain('grants of one name');
  });

  it('lists the benches if somebody asks for an unknown one', () => {
    const { status, stderr } = spawnSync(process.execPath, ['bench/main.ts', 'fast'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/'fast' is invalid.*attribute, memory, /)]);
  });
});
