import { expect, test } from 'vitest';
import { MINUTE } from '../../lib/time.ts';
import type { LogEntry } from '../stand-ins/aws/logs.ts';
import { account, eventOf, grantOf, jsonLines, minute, ONE_SENTENCE, THEN } from './running.ts';

const PEOPLE = Array.from({ length: 120 }, (_, n) => n);
const LOOKUP = ['--lookup', '--region', 'eu-west-1', '--from', minute(-30), '--to', minute(60)];
const FAST = [...LOOKUP, '--requests-per-second', '2'];

const GROUP = '/aws/eks/prod/cluster';
const STREAM = 'kube-apiserver-audit-0123456789abcdef';
const RANGE = ['--log-group', GROUP, '--from', minute(-240), '--to', minute(120)];

function entry(message: string, minutes = 10, stream = STREAM): LogEntry {
  return { stream, timestamp: THEN + minutes * MINUTE, message };
}

test('after Ctrl-C in the middle of files the same command resumes', async () => {
  const { backfill, interrupted, folder, records, state, aws } = await account();
  const events = Array.from({ length: 700 }, (_, n) => eventOf(n % 20)).map((event, n) => ({
    ...event,
    auditID: `event-${n}`,
  }));
  const trail = folder.file(
    'trail.json',
    JSON.stringify({ Records: Array.from({ length: 20 }, (_, n) => grantOf(n)) }),
  );
  const audit = folder.file('audit.jsonl', jsonLines(events));
  const args = ['--cloudtrail', trail, '--audit', audit];
  const isInTheMiddle = () => JSON.stringify(state() ?? {}).includes('audit.jsonl');
  const stopped = await interrupted(args, isInTheMiddle);
  expect(stopped.stderr).toMatch(ONE_SENTENCE);
  expect(stopped).toMatchObject({ status: 130, stdout: '' });
  expect(state()).toBeDefined();
  const written = aws.calls.length;
  const { stdout, status } = await backfill(args);
  const [, recorded, known] = /(\d+) recorded, (\d+) there already/.exec(stdout) ?? [];
  expect(Number(recorded)).toBeLessThan(700);
  expect(known).toBe('0'); // what the bookmark counts is not even read into the tables again
  expect(status).toBe(0);
  expect(aws.calls.length).toBeGreaterThan(written);
  expect(await records(['--actor', 'alice'])).toHaveLength(700);
  expect(state()).toBeUndefined();
});

test('after Ctrl-C in the middle of look-ups the same command resumes', async () => {
  const { backfill, interrupted, aws, state } = await account();
  const early = PEOPLE.slice(0, 60).map((n) => grantOf(n, { eventTime: minute(-20) }));
  const late = PEOPLE.slice(60).map((n) => grantOf(n, { eventTime: minute(0) }));
  aws.cloudtrail.add([...early, ...late]);
  const secondPage = `"reached":${THEN - 20 * MINUTE}`;
  const isInTheMiddle = () => JSON.stringify(state() ?? {}).includes(secondPage);
  const stopped = await interrupted(LOOKUP, isInTheMiddle);
  expect(stopped.stderr).toMatch(ONE_SENTENCE);
  expect(stopped).toMatchObject({ status: 130, stdout: '' });
  expect(state()).toBeDefined();
  const requestsBefore = aws.cloudtrail.requests.length;
  const { status, stdout } = await backfill(FAST);
  expect(status).toBe(0);
  expect(aws.cloudtrail.requests.length - requestsBefore).toBeLessThan(12); // as many as without a bookmark
  const again = /(\d+) records read; (\d+) grants/.exec(stdout);
  expect(Number(again?.[1])).toBeLessThan(120);
  expect(state()).toBeUndefined();
  expect((await backfill(FAST)).stdout).toContain('120 records read; 0 grants and 0 uses added');
});

test('after Ctrl-C in the middle of a log group the hours that are done are not read again', async () => {
  const hours = [-180, -120, -60, 0, 60].flatMap((minutes) =>
    Array.from({ length: 16 }, (_, n) => entry(JSON.stringify({ ...eventOf(n), auditID: `${minutes} ${n}` }), minutes)),
  );
  const { backfill, interrupted, logs, state } = await account({ groups: { [GROUP]: hours }, pageSize: 4 });
  const args = [...RANGE, '--settle-minutes', '0']; // what is loaded counts here
  const stopped = await interrupted(args, () => logs.requests.length >= 7);
  expect(stopped.stderr).toMatch(ONE_SENTENCE);
  expect(stopped).toMatchObject({ status: 130, stdout: '' });
  expect(state()).toBeDefined();
  const before = logs.requests.length;
  const { status, stdout } = await backfill(args);
  expect(status).toBe(0);
  const [first] = logs.requests.slice(before);
  expect(Number(first?.startTime)).toBeGreaterThan(THEN - 240 * MINUTE);
  const [, recorded, known] = /(\d+) recorded, (\d+) there already/.exec(stdout) ?? [];
  expect(Number(recorded) + Number(known)).toBeLessThan(80);
  expect((await backfill(args)).stdout).toContain('0 recorded, 80 there already');
});
