import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { comparedText, FirstUsesCollector } from '../../lib/usecases/activity/first-uses.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent, eventBy, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { reportIn } from './report.ts';

const NOW_ID = '7a0e1c5e-0000-4000-8000-000000000009';
const WHOLE = { isComplete: true };
const record = (fields: JsonObject) => recordOf({ event: auditEvent(fields) });

/** Returns the first uses of these requests, as kind and value. */
function newIn(earlier: readonly JsonObject[], now: readonly JsonObject[]): readonly string[] {
  const collector = new FirstUsesCollector();
  for (const each of now) collector.add(record({ requestReceivedTimestamp: utc('12:30:00'), ...each }));
  for (const each of earlier) collector.addEarlier(record({ requestReceivedTimestamp: utc('12:00:00'), ...each }));
  return collector.result(WHOLE).listed.map(({ kind, value }) => `${kind} ${value}`);
}

describe('first uses', () => {
  it('are the source IPs, user agents, roles and long-term keys of no earlier request', () => {
    const stranger = {
      sourceIPs: ['198.51.100.7', '45.83.64.11'],
      userAgent: 'python-requests/2.32',
      user: roleUser({ roleId: 'AROAOTHERROLE00000001', roleName: 'breakglass' }),
    };
    expect(newIn([{}], [stranger, {}])).toEqual([
      'source-ip 45.83.64.11',
      'user-agent python-requests/2.32',
      'role arn:aws:sts::111122223333:assumed-role/breakglass/alice-session',
    ]);
    expect(newIn([stranger, {}], [{}, stranger])).toEqual([]);
    const keys = ['AKIAALICE00000000001', 'AKIAALICE00000000002'].map((key) => ({ user: iamUserOfCluster(key) }));
    expect(newIn(keys.slice(0, 1), keys)).toEqual(['access-key AKIAALICE00000000002']);
  });

  it('are not hidden by what another account hands over: it can forge older requests of anybody', () => {
    const strange = { sourceIPs: ['45.83.64.11'] };
    const from = (account: string | undefined, minute: string, fields: JsonObject = {}) => {
      const one = record({ requestReceivedTimestamp: utc(`12:${minute}:00`), ...fields });
      return account === undefined ? one : { ...one, origin: { ...one.origin, handedOverBy: account } };
    };
    const [own, forger] = ['444455556666', '777788889999'];
    const found = (account: string | undefined) => {
      const collector = new FirstUsesCollector();
      for (const each of [from(account, '30', strange), from(account, '31')]) collector.add(each);
      for (const each of [from(account, '10'), from(forger, '01', strange), from(forger, '00')])
        collector.addEarlier(each);
      for (let at = 0; at < 1_100; at += 1) collector.addEarlier(from(forger, '02', { userAgent: `forged/${at}` }));
      return collector.result(WHOLE).listed.map(({ value }) => value);
    };
    for (const account of [own, undefined]) expect(found(account)).toEqual(['45.83.64.11']);
    expect(found(forger)).toEqual([]);
    const hub = new FirstUsesCollector();
    hub.add(from(own, '30', strange));
    hub.addEarlier(from(undefined, '10', strange));
    expect(hub.result(WHOLE).listed).toEqual([]);
  });

  it('are not known if all older requests that were read are in the logs of other accounts, which can forge them', () => {
    const textOf = (owner: string | undefined, isComplete: boolean) => {
      const collector = new FirstUsesCollector();
      const older = Array.from({ length: 2 }, (_, at) => record({ requestReceivedTimestamp: utc(`12:0${at}:00`) }));
      for (const each of older) collector.addEarlier({ ...each, accountId: owner });
      collector.add(record({ requestReceivedTimestamp: utc('12:30:00') }));
      return comparedText(collector.result({ isComplete }));
    };
    expect(textOf('777788889999', false)).toBe(
      'It is not known what is new, because older requests of theirs were not read.',
    );
    expect(textOf('777788889999', true)).toBe(
      'No other request of theirs is known in the logs of the same account, so nothing can be called new.',
    );
    expect(textOf(undefined, false)).toMatch(/^Nothing is new, compared with 3 requests by the same actor/);
  });

  it('are listed in turns of the accounts that handed them over, however many one of them forges', () => {
    const uses = new FirstUsesCollector();
    const from = (account: string, minute: number, ip: string) => {
      const one = record({ requestReceivedTimestamp: utc(`12:${10 + minute}:00`), sourceIPs: [ip] });
      return { ...one, origin: { ...one.origin, handedOverBy: account } };
    };
    for (const account of ['111122223333', '444455556666']) uses.addEarlier(from(account, 0, '10.0.0.1'));
    for (let at = 0; at < 300; at += 1) uses.add(from('444455556666', 1, `10.1.${at >> 8}.${at & 255}`));
    uses.add(from('111122223333', 3, '203.0.113.9'));
    const found = () => {
      const { listed, left } = uses.result({ isComplete: true });
      expect([listed.length, left]).toEqual([20, 281]);
      return listed.map(({ value }) => value);
    };
    expect(found()).toContain('203.0.113.9');
    // A value that the forger used first is also the other account's.
    uses.add(from('444455556666', 2, '203.0.113.9'));
    expect(found()).toContain('203.0.113.9');
  });

  it('have no temporary key: each session has another', () => {
    expect(newIn([{}], [{ user: roleUser({ key: 'ASIAANOTHERSESSION01' }) }])).toEqual([]);
  });

  it('have a role once, although some requests state only its ARN', () => {
    const withoutId = { user: { ...roleUser(), uid: 'another' } };
    const other = { user: roleUser({ roleId: 'AROAOTHERROLE00000001', roleName: 'breakglass' }) };
    const role = 'role arn:aws:sts::111122223333:assumed-role/project-admin/alice-session';
    const at = (minute: number, event: JsonObject) => ({ ...event, requestReceivedTimestamp: utc(`12:1${minute}:00`) });
    expect(newIn([other], [at(1, {}), at(2, withoutId)])).toEqual([role]);
    expect(newIn([other], [at(2, {}), at(1, withoutId)])).toEqual([role]);
    expect(newIn([withoutId], [{}])).toEqual([]);
  });

  it('have the time and audit ID of the earliest, in whatever order the requests come', () => {
    const collector = new FirstUsesCollector();
    collector.addEarlier(record({ sourceIPs: ['192.0.2.1'], requestReceivedTimestamp: utc('11:00:00') }));
    for (const minute of [5, 3, 9])
      collector.add(record({ auditID: `a${minute}`, requestReceivedTimestamp: utc(`12:0${minute}:00`) }));
    expect(collector.result(WHOLE).listed).toEqual([
      { kind: 'source-ip', value: '198.51.100.7', time: utc('12:03:00'), auditId: 'a3' },
    ]);
  });

  it('are also new if the older request is of the time range', () => {
    const later = { requestReceivedTimestamp: utc('12:30:00'), sourceIPs: ['45.83.64.11'] };
    expect(newIn([], [{ requestReceivedTimestamp: utc('12:10:00') }, later])).toEqual(['source-ip 45.83.64.11']);
    expect(newIn([], [later, { requestReceivedTimestamp: utc('12:40:00') }])).toEqual(['source-ip 198.51.100.7']);
  });

  it('are none without an older request, without a readable time, or if not all values were remembered', () => {
    expect(newIn([], [{}])).toEqual([]);
    expect(newIn([{}], [{ requestReceivedTimestamp: 'soon', sourceIPs: ['45.83.64.11'] }])).toEqual([]);
    const agents = Array.from({ length: 1_001 }, (_, at) => ({ userAgent: `agent-${at}` }));
    expect(newIn(agents, [{ userAgent: 'another' }])).toEqual([]);
  });

  it('are limited, and the others are counted', () => {
    const collector = new FirstUsesCollector();
    collector.addEarlier(record({ requestReceivedTimestamp: utc('11:00:00') }));
    for (let at = 0; at < 30; at += 1) collector.add(record({ userAgent: `agent-${at}` }));
    const { listed, left } = collector.result(WHOLE);
    expect([listed.length, left]).toEqual([20, 10]);
  });

  it('have a source IP that the person used under two keys, once', async () => {
    using folder = new Folder();
    const keys = ['ASIAALICE00000000001', 'ASIAALICE00000000002', 'ASIAALICE00000000003'] as const;
    const by = (key: string, time: string, more: JsonObject = {}) =>
      eventBy(roleUser({ key }), { auditID: time, requestReceivedTimestamp: utc(time), ...more });
    const stranger = { sourceIPs: ['45.83.64.11'], userAgent: 'python-requests/2.32' };
    const ask = async (...events: readonly JsonObject[]) => {
      const words = [
        ...[
          '45.83.64.11',
          '--audit',
          folder.file('audit.jsonl', events.map((each) => JSON.stringify(each)).join('\n')),
        ],
        ...['--cloudtrail', folder.file('trail.jsonl', keys.map((key) => JSON.stringify(grant({ key }))).join('\n'))],
      ];
      const { output } = await runCommand(words);
      return output.split('\n').filter((line) => /First use: |Perhaps new: /.test(line));
    };
    const [first, second] = [by(keys[1], '12:10:00', stranger), by(keys[2], '12:20:00', stranger)];
    expect(await ask(by(keys[0], '12:05:00'), first, second)).toEqual([
      expect.stringMatching(
        /First use: source IP 45\.83\.64\.11, user agent python-requests\/2\.32\. Earlier requests of the same actor, since \S+: 1, none with any of these\./,
      ),
    ]);
    const other = by(keys[2], '12:20:00', { ...stranger, userAgent: 'curl/8.4.0' });
    expect(await ask(first, other)).toEqual([
      expect.stringMatching(/Perhaps new: user agent curl\/8\.4\.0\. No earlier request of the same actor is known\./),
    ]);
  });

  it('are in the report, compared with what the person did before the time range', async () => {
    using folder = new Folder();
    const at = (time: string, auditID: string, more: JsonObject = {}) =>
      eventBy(roleUser(), { auditID, requestReceivedTimestamp: utc(time), ...more });
    const stranger = { sourceIPs: ['45.83.64.11'], userAgent: 'python-requests/2.32' };
    const events = [at('12:00:30.999999', 'before'), at('12:30:00', NOW_ID), at('12:40:00', 'strange', stranger)];
    const words = [
      ...['incident', NOW_ID, '--window', '20m'],
      ...['--audit', folder.file('audit.jsonl', events.map((event) => JSON.stringify(event)).join('\n'))],
      ...['--cloudtrail', folder.file('trail.jsonl', JSON.stringify(grant()))],
    ];
    const [section] = reportIn((await runCommand([...words, '-o', 'json'])).output).sections;
    expect(section?.firstUses).toEqual({
      listed: [
        { kind: 'source-ip', value: '45.83.64.11', time: utc('12:40:00'), auditId: 'strange' },
        { kind: 'user-agent', value: 'python-requests/2.32', time: utc('12:40:00'), auditId: 'strange' },
      ],
      left: 0,
      compared: { requests: 3, before: 1, from: utc('12:00:30.999999'), isComplete: true },
    });
    const { output } = await runCommand(words);
    expect(output).toContain(
      'These values were compared with 3 requests by the same actor since 2026-03-10T12:00:30.999999Z. 1 of them is from before this time range.',
    );
    expect(output).toMatch(/^source IP +45\.83\.64\.11/m);
  });
});
