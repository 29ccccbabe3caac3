import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ShownAnswer } from '../../cli/related/text.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { clusterKeyOf, isSameCluster } from '../../lib/identity/cluster.ts';
import { eventBy } from '../builders/audit-event.ts';
import { Folder, REPOSITORY, runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { auditPayload } from '../evidence/over-files.ts';

/** The user's knowledge of a cluster whose files do not state its account and Region. */

const ARN = 'arn:aws:eks:eu-west-1:444455556666:cluster/prod';
const OTHER = 'arn:aws:eks:eu-west-1:999900001111:cluster/prod';
const FILES = ['audit', 'cloudtrail'].flatMap((name) => [`--${name}`, join(REPOSITORY, 'examples', name)]);
const attribute = (...args: readonly string[]) => runCommand(['attribute', ...FILES, ...args]);

describe('--cluster-arn', () => {
  it('gives its ARN, account and Region to the events of that name, and to no other', async () => {
    const { output } = await attribute('--cluster-arn', ARN, '-o', 'jsonl');
    const records = output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as AuditRecord);
    const [ofProd, others] = [true, false].map((is) => records.filter(({ cluster }) => (cluster === 'prod') === is));
    expect(ofProd?.length).toBeGreaterThan(0);
    for (const record of ofProd ?? [])
      expect(record).toMatchObject({ clusterArn: ARN, accountId: '444455556666', region: 'eu-west-1' });
    expect(others?.length).toBeGreaterThan(0);
    for (const record of others ?? []) expect(record).not.toHaveProperty('clusterArn');
  });

  it.each([
    [['--cluster-arn', 'prod'], /Give arn:aws:eks:<Region>:<account>:cluster\/<name>/],
    [['--cluster-name', 'staging', '--cluster-arn', ARN], /--cluster-name names staging, and --cluster-arn names prod/],
    [['--cluster-name', ARN], /give the ARN as --cluster-arn/],
  ])('is refused as %j', async (args, message) => {
    const { status, errors } = await attribute(...args);
    expect(status).toBe(2);
    expect(errors).toMatch(message);
  });
});

describe('two accounts with a cluster of one name in one folder', () => {
  const [OWN, NINE] = ['444455556666', '999900001111'];
  const folder = new Folder();
  const person = { username: 'carol', groups: ['staff'] };
  const eventOf = (auditID: string, owner: string) => ({
    ...auditPayload([eventBy(person, { auditID, requestReceivedTimestamp: utc('12:10:00') })], 'prod'),
    owner,
  });
  const written = [OWN, NINE].map((owner) => `${JSON.stringify(eventOf('a1', owner))}\n`);
  const audit = folder.file('audit.jsonl', written.join(''));
  const cloudtrail = folder.file('trail.json', '{"Records":[]}');
  afterAll(() => folder[Symbol.dispose]());

  const records = async (...more: readonly string[]) => {
    const { output, errors } = await runCommand(['attribute', '--audit', audit, '--cloudtrail', cloudtrail, ...more]);
    return {
      errors,
      records: output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as AuditRecord),
    };
  };
  const idsOf = (of: readonly AuditRecord[]) => of.map(({ attribution }) => attribution.actor?.id);

  it('stay two clusters, with people of their own, without the option', async () => {
    const { records: both } = await records();
    expect(both.map(({ accountId }) => accountId)).toEqual([OWN, NINE]);
    expect(idsOf(both)).toEqual([OWN, NINE].map((owner) => `k8s-user/name:${owner}%2Fprod/carol`));
    expect(both.flatMap(({ attribution: { flags } }) => flags)).not.toContain('conflicting-copies');
    const { output } = await runCommand(['attribute', '--audit', audit, '--cloudtrail', cloudtrail, '-o', 'table']);
    expect(output).toContain(`prod (${NINE})`);
  });

  it('stay two clusters if the option names one of them, and a message says how to say otherwise', async () => {
    const { records: both, errors } = await records('--cluster-arn', ARN);
    expect(both.map(clusterKeyOf)).toEqual([ARN, `name:${NINE}/prod`]);
    expect(errors).toContain(
      `Events from log groups of account ${NINE} are not counted as those of prod (${OWN}, eu-west-1)`,
    );
    expect(errors).toContain(`give --cluster-arn ${NINE}=${ARN}.`);
  });

  it('are one if the user says that the other account has copies of the log', async () => {
    const { records: one, errors } = await records('--cluster-arn', `${NINE}=${ARN}`);
    expect(one.map(clusterKeyOf)).toEqual([ARN]);
    expect(errors).not.toContain('not counted');
  });

  it('are distinguished by related too', async () => {
    const related = async (given: string) => {
      const words = [
        'related',
        'a1',
        '--audit',
        audit,
        '--cloudtrail',
        cloudtrail,
        '--cluster-arn',
        given,
        '-o',
        'json',
      ];
      const { output, errors } = await runCommand(words);
      const { requests } = JSON.parse(output) as ShownAnswer;
      return { errors, keys: requests.flatMap(({ stages }) => stages.map(clusterKeyOf)).sort() };
    };
    const { errors, keys } = await related(ARN);
    expect(keys).toEqual([ARN, `name:${NINE}/prod`]);
    expect(errors.split(`account ${NINE} are not counted`)).toHaveLength(2);
    expect((await related(`${NINE}=${ARN}`)).keys).toEqual([ARN]);
  });
});

it('two statements mean one cluster by their ARNs, else by their names', () => {
  const [prod, other] = [
    { cluster: 'prod', clusterArn: ARN },
    { cluster: 'prod', clusterArn: OTHER },
  ];
  expect(isSameCluster(prod, prod)).toBe(true);
  expect(isSameCluster(prod, other)).toBe(false);
  expect(isSameCluster(prod, { cluster: 'prod' })).toBe(true);
  expect(isSameCluster(prod, { cluster: 'staging' })).toBe(false);
  expect(isSameCluster(prod, { cluster: 'prod', accountId: '444455556666' })).toBe(true);
  expect(isSameCluster(prod, { cluster: 'prod', accountId: '999900001111' })).toBe(false);
  expect(isSameCluster(prod, {})).toBeUndefined();
});
