import { describe, expect, it } from 'vitest';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, ANOTHER_KEY, KEY } from '../builders/company.ts';
import { iamUser, userId } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';

const THERE = '444455556666';
const OWN = `iam-user/${ACCOUNT}/${userId('alice')}`;
const OTHER = `iam-user/${THERE}/${userId('alice2')}`;
const JOINED = ['--same-person', `${OWN}=${OTHER}`];

/** Two IAM users `alice` of two accounts, each with a session. */
const there = { accountId: THERE, principalId: userId('alice2'), arn: `arn:aws:iam::${THERE}:user/alice` };
const TRAIL = [
  grant({ id: 'own', session: 's', key: KEY }),
  grant({ id: 'other', by: iamUser('alice', there), session: 't', key: ANOTHER_KEY }),
];
const EVENTS = [
  eventBy(roleUser({ session: 't', key: ANOTHER_KEY }), { auditID: 'other' }),
  eventBy(roleUser({ session: 's', key: KEY }), { auditID: 'own' }),
];

async function run(command: string, ...options: readonly string[]) {
  using folder = new Folder();
  const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const audit = folder.file('audit.jsonl', lines(EVENTS));
  const cloudtrail = folder.file('trail.jsonl', lines(TRAIL));
  const config = folder.file('eks-whois.yaml', `samePerson: ["${OWN}=${OTHER}"]\n`);
  const given = options.map((each) => (each === 'CONFIG' ? config : each));
  return await runCommand([command, ...given, '--audit', audit, '--cloudtrail', cloudtrail]);
}

const recordsIn = (output: string) => output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

describe('ids that the operator says are one person, over files', () => {
  it('are two people without that', async () => {
    const { status, output } = await run('attribute', '--actor', 'alice');
    expect([Number(status), recordsIn(output).length]).toEqual([3, 2]);
    expect(recordsIn((await run('attribute', '--actor', OTHER)).output)).toMatchObject([{ auditId: 'other' }]);
  });

  it('make no name ambiguous, and are found by each of them', async () => {
    for (const rules of [JOINED, ['--config', 'CONFIG']])
      for (const actor of ['alice', OWN, OTHER]) {
        const { status, output } = await run('attribute', '--actor', actor, ...rules);
        expect([Number(status), ...recordsIn(output).map(({ auditId }) => auditId)]).toEqual([0, 'other', 'own']);
      }
  });

  it('stay in the records, with all ids of the person', async () => {
    const { output } = await run('attribute', ...JOINED);
    expect(recordsIn(output).map(({ attribution: { actor } }) => [actor.id, actor.samePerson])).toEqual([
      [OTHER, [OWN, OTHER]],
      [OWN, [OWN, OTHER]],
    ]);
  });

  it('are one row of a summary, under the first id, with the other one beside it', async () => {
    const summed = await run('attribute', '--summary', '-o', 'jsonl', ...JOINED);
    expect(recordsIn(summed.output)).toMatchObject([{ count: 2, actor: { id: OWN, samePerson: [OWN, OTHER] } }]);
    expect((await run('attribute', '--summary', '-o', 'csv', ...JOINED)).output).toContain(`alice = ${OTHER}`);
    expect(recordsIn((await run('attribute', '--summary', '-o', 'jsonl')).output)).toHaveLength(2);
  });

  it('are one section of a report', async () => {
    const sections = async (...rules: readonly string[]) => {
      const { output } = await run('incident', 'alice', '--at', '2026-03-10T12:10:00Z', '-o', 'json', ...rules);
      return JSON.parse(output).sections;
    };
    expect(await sections(...JOINED)).toMatchObject([{ activity: { requests: 2 } }]);
    expect(await sections()).toHaveLength(2);
  });

  it.each([
    ['alice', '"alice" is not the ID of an actor'],
    [OWN, 'is one ID only'],
    [`${OWN}=`, '"" in'],
    [`${OWN}=${OWN}`, 'twice'],
    [`${OWN}=role-session/AROAEXAMPLE/s`, 'is the ID of a session'],
    [`${OWN}=unnamed/iam-user/${ACCOUNT}`, 'is the ID of a session'],
    [`${OWN}=iam-user/${ACCOUNT}/`, 'is not the ID of an actor'],
  ])('are refused if they are wrong: %s', async (text, words) => {
    const { status, errors } = await run('attribute', '--same-person', text);
    expect([status, errors]).toEqual([2, expect.stringContaining(words)]);
  });

  it('are refused if an id is in two groups', async () => {
    const { status, errors } = await run('attribute', ...JOINED, '--same-person', `${OTHER}=root/${THERE}`);
    expect([status, errors]).toEqual([2, expect.stringContaining(`"${OTHER}" is in two groups`)]);
  });
});
