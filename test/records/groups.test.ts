import { describe, expect, it } from 'vitest';
import { BY_ACTOR, groupsText, keyOfActor, RecordGroups } from '../../cli/records/groups/record-groups.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { PIPED } from '../builders/view.ts';
import { storedRecord } from '../contract/stored-record.ts';

const pending = storedRecord().record;
const byAlice = storedRecord({}, [grant()]).record;

function grouped(records: Iterable<AuditRecord>): RecordGroups {
  const groups = new RecordGroups(keyOfActor);
  for (const record of records) groups.add(record);
  return groups;
}

describe('a summary', () => {
  it('counts the sessions that do not fit in one row, so that its memory is bounded and nothing is hidden', () => {
    const sessions = Array.from({ length: 10_100 }, (_, at) => ({
      ...pending,
      caller: { ...pending.caller, sessionName: `session-${at}` },
    }));
    const groups = grouped([...sessions, ...sessions.slice(-50), byAlice]).sorted();
    expect(groups).toHaveLength(10_002);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(10_151);
    expect(groupsText(groups.slice(0, 1), BY_ACTOR, 'csv', PIPED)).toMatch(/\r\n\(all others\),,,pending,150,/);
  });

  it('counts the records of the namespaces that do not fit', () => {
    const records = Array.from({ length: 300 }, (_, at) => ({
      ...byAlice,
      request: { ...byAlice.request, namespace: `made-up-${at}` },
    }));
    const [group] = grouped(records).sorted();
    expect(group?.namespaces.sorted()).toHaveLength(200);
    expect(group?.namespaces.others).toBe(100);
    expect(groupsText(group ? [group] : [], BY_ACTOR, 'jsonl', PIPED)).toContain('{"others":true,"count":100}');
  });

  it('has the earliest and the latest time, in any order, and ignores unreadable ones', () => {
    const times = ['12:10:02', '12:10:01', '12:10:03'].map(utc);
    const records = [...times, undefined, 'yesterday'].map((time) => ({ ...byAlice, time }));
    const [group] = grouped(records).sorted();
    expect(group).toMatchObject({ count: 5, first: utc('12:10:01'), last: utc('12:10:03') });
  });

  it('keeps people with one name in two accounts apart', () => {
    const { attribution } = byAlice;
    if (attribution.status !== 'attributed') throw new Error(`alice is ${attribution.status}`);
    const id = 'iam-user/999999999999/AIDAOTHER';
    const other = { ...attribution.actor, id, accountId: '999999999999', principalId: 'AIDAOTHER' };
    const records = [byAlice, { ...byAlice, attribution: { ...attribution, actor: other } }];
    const text = groupsText(grouped(records).sorted(), BY_ACTOR, 'table', PIPED);
    expect(text).toMatch(/alice \(account 111122223333\) +IAM user +111122223333/);
    expect(text).toMatch(/alice \(account 999999999999\) +IAM user +999999999999/);
  });

  it('shows what an attacker wrote escaped, and never as a formula', () => {
    const nasty = {
      ...pending,
      caller: {
        ...pending.caller,
        sessionName: undefined,
        roleId: undefined,
        accessKeyId: undefined,
        username: '\u001b[2J',
      },
    };
    const evil = { ...byAlice, request: { ...byAlice.request, namespace: '=cmd()' } };
    const groups = grouped([nasty, evil]).sorted();
    expect(groupsText(groups, BY_ACTOR, 'table', PIPED)).toContain('username \\u001b[2J');
    expect(groupsText(groups, BY_ACTOR, 'csv', PIPED)).toContain('"\'=cmd() 1"');
  });
});
