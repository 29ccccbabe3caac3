import { describe, expect, test } from 'vitest';
import { callerText } from '../../cli/format/shared-id-text.ts';
import { whoisText } from '../../cli/format/whois-text.ts';
import { awsStaffOf } from '../../lib/identity/aws-staff.ts';
import { whoColumn } from '../../lib/words/columns.ts';
import { recordOf } from '../builders/answer.ts';

const STAFF = "eks:support-engineer (AWS's staff)";

function recordBy(username: string) {
  return recordOf({
    event: { auditID: '1', user: { username }, requestReceivedTimestamp: '2026-03-10T08:00:00Z' },
  });
}

describe("AWS's staff", () => {
  test.each([
    ['eks:support-engineer', "AWS's staff"],
    ['eks:node-manager', undefined],
    ['eks:support-engineers', undefined],
    ['EKS:support-engineer', undefined],
    [undefined, undefined],
  ])('%s', (username, staff) => {
    expect(awsStaffOf(username)).toBe(staff);
  });

  test('is named with the status system, in tables and by whois', () => {
    const record = recordBy('eks:support-engineer');
    const { attribution } = record;
    const caller = { ...record.caller };
    expect(attribution.status).toBe('system');
    expect(whoColumn(record)).toBe(STAFF);
    expect(callerText(caller, attribution.status)).toBe(STAFF);
    expect(whoisText({ attribution, caller })).toMatch(/^system: AWS's staff, not a person's IAM session\n/);
  });

  test('does not include a user who only has the same name', () => {
    expect(callerText({ username: 'eks:support-engineer' }, 'attributed')).toBe('eks:support-engineer');
  });

  test("is separate from the cluster's other work", () => {
    const record = recordBy('eks:node-manager');
    expect(whoColumn(record)).toBe('eks:node-manager');
    expect(whoisText({ attribution: record.attribution, caller: { ...record.caller } })).toMatch(
      /^system: the cluster's or AWS's own work, not a person's IAM session\n/,
    );
  });
});
