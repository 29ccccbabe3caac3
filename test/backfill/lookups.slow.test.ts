import { describe, expect, test } from 'vitest';
import { DAY, epochMillis, formatInstant } from '../../lib/time.ts';
import { account, eventOf, grantOf, jsonLines, minute, ONE_SENTENCE } from './running.ts';

const PEOPLE = Array.from({ length: 120 }, (_, n) => n);
const LOOKUP = ['--lookup', '--region', 'eu-west-1', '--from', minute(-30), '--to', minute(60)];
const FAST = [...LOOKUP, '--requests-per-second', '2'];

test('LookupEvents is read page by page by event name, at most two requests a second', async () => {
  const { backfill, aws, records, folder } = await account();
  aws.cloudtrail.add(PEOPLE.map((n) => grantOf(n)));
  const audit = folder.file('audit.jsonl', jsonLines(PEOPLE.map(eventOf)));
  const { stdout, status } = await backfill([...FAST, '--audit', audit]);
  expect(stdout).toMatch(/CloudTrail: 120 records read; 120 grants and \d+ uses added\n/);
  expect(stdout).toContain('Audit events: 120 recorded, 0 there already (120 attributed)\n');
  expect(status).toBe(0);
  const arrivals = aws.cloudtrail.requests.map(({ arrivedAt }) => arrivedAt);
  expect(arrivals).toHaveLength(12); // three pages of AssumeRole, one of each of the other nine
  const inOneSecond = arrivals.filter((at) => at - (arrivals[0] ?? 0) < 1_000);
  expect(inOneSecond.length).toBeLessThanOrEqual(2);
  expect(await records(['--actor', 'alice'])).toHaveLength(120);
});

test('claims that stay open are looked up if look-ups are configured', async () => {
  const { backfill, aws, folder, records } = await account();
  aws.cloudtrail.add([grantOf(1)]);
  const audit = folder.file('audit.jsonl', jsonLines([eventOf(1)]));
  const later = ['--from', minute(30), '--to', minute(60), '--region', 'eu-west-1', '--requests-per-second', '2'];
  const { stdout } = await backfill(['--lookup', ...later, '--audit', audit]);
  expect(stdout).toContain('1 claims decided again, 1 records corrected (1 attributed)');
  expect(await records(['--actor', 'alice'])).toHaveLength(1);
});

describe('a range older than the event history of 90 days', () => {
  const daysAgo = (days: number) => formatInstant(epochMillis(Date.now() - days * DAY));
  const args = ['--lookup', '--region', 'eu-west-1', '--requests-per-second', '2'];

  test('gives nothing if it ends before that: no request is made', async () => {
    const { backfill, aws, state } = await account();
    const { status, stderr, stdout } = await backfill([...args, '--from', daysAgo(120), '--to', daysAgo(91)]);
    expect(stderr).toMatch(/event history covers only the last 90 days, and the time range ends before that/);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(aws.cloudtrail.requests).toEqual([]);
    expect(state()).toBeUndefined();
  });

  test('gives what it can if it begins before that, and says what it cannot', async () => {
    const { backfill, aws } = await account();
    aws.cloudtrail.add([grantOf(1)]);
    const { status, stderr, stdout } = await backfill([...args, '--from', daysAgo(120), '--to', minute(60)]);
    expect(stderr).toMatch(/event history covers only the last 90 days, so it has nothing before \S+\./);
    expect(stdout).toContain('1 grants');
    expect(status).toBe(0);
  });
});
