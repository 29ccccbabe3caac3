import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder, REPOSITORY } from '../builders/command.ts';
import type { Step } from './shown.ts';

/** The address of `.ci/moto-server.py`, and a folder with a release. `.ci/other-aws` has both. */
const { EKS_WHOIS_CLOUDFORMATION: SERVER = '', EKS_WHOIS_RELEASE: RELEASE } = process.env;
const folder = new Folder();

describe.skipIf(SERVER === '')('the rehearsal in an organization', () => {
  let output: string;
  let steps: readonly Step[];

  /** Returns the steps of the name. */
  function named<K extends Step['name']>(name: K): Extract<Step, { name: K }>[] {
    return steps.filter((step): step is Extract<Step, { name: K }> => step.name === name);
  }

  beforeAll(() => {
    const results = folder.at('results.json');
    const size = ['--accounts', '2', '--days', '1', '--flood', '10'];
    const release = RELEASE === undefined ? [] : ['--release', RELEASE];
    const args = ['test/rehearsal/rehearse.ts', ...size, ...release, '--results', results];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: REPOSITORY, encoding: 'utf8' });
    output = `${stdout}${stderr}`;
    if (!existsSync(results)) throw new Error(output);
    steps = JSON.parse(readFileSync(results, 'utf8'));
  });
  afterAll(() => folder[Symbol.dispose]());

  it('finds nothing that does not hold', () => {
    expect(output).not.toContain('FAILED');
    expect(
      steps.map(({ name }) => name),
      output,
    ).toEqual(['roll-out', 'day', 'poisoned account', 'dark cluster', 'upgrade', 'leaving account', 'removal']);
  });

  it('subscribes every cluster in every account and Region', () => {
    const [{ fleet } = { fleet: [] }] = named('roll-out');
    const subscribed = fleet.filter((row) => row.subscribed === 'subscribed');
    expect(new Set(subscribed.map(({ accountId, region }) => `${accountId} ${region}`)).size).toBe(4);
  });

  it('records and names every event of a usual day, without an alarm', () => {
    for (const day of named('day')) expect(day).toMatchObject({ sent: 16, recorded: 16, named: 16, alarms: [] });
  });

  it("keeps others' events whole and named while one account sends garbage and ten times its usual", () => {
    const [poisoned] = named('poisoned account');
    expect(poisoned?.others).toEqual({ sent: 4, recorded: 4, named: 4 });
    expect(poisoned?.alarms).toContain(`fleet: refused deliveries of ${poisoned?.account}`);
    expect(poisoned).toMatchObject({ denied: { forgedGrants: 1 }, forgedRecords: 0 });
  });

  it('names the dark cluster, and no other', () => {
    const [dark] = named('dark cluster');
    expect(dark?.alarms).toEqual([expect.stringMatching(/^fleet: cluster-silent .*team-/)]);
    expect(dark?.troubled).toHaveLength(1);
  });

  it('loses no event in an upgrade', () => {
    const [upgrade] = named('upgrade');
    for (const when of ['before', 'between', 'after'] as const)
      expect(upgrade?.[when]).toEqual({ sent: 8, recorded: 8, named: 8 });
    expect(upgrade?.versions).toEqual([upgrade?.to]);
  });

  it('leaves nothing in an account that leaves', () => {
    const [leaving] = named('leaving account');
    expect(leaving).toMatchObject({ left: [], isAdmitted: false });
    const gone = `fleet: stack-silent ${leaving?.account} in eu-west-1`;
    expect(leaving?.days.map(({ alarms }) => alarms.includes(gone))).toEqual([true, false, false]);
    expect(leaving?.days.at(-1)?.alarms).toEqual([]);
  });

  it('leaves the tables and the buckets after removal', () => {
    const [{ left } = { left: [] }] = named('removal');
    expect(left.map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual([
      'bucket example-hub-eu-west-1',
      'bucket example-spokes-eu-west-1',
      'bucket example-spokes-us-east-1',
      'managed policy eks-whois-prod-analysts-eu-west-1', // moto deletes none
      'table eks-whois-prod-claims',
      'table eks-whois-prod-records',
      'table eks-whois-prod-sessions',
    ]);
  });
});
