import { afterEach, describe, expect, it } from 'vitest';
import type { ShownAnswer, ShownRequest } from '../../cli/related/text.ts';
import { type JsonObject, textAt } from '../../lib/json.ts';
import { type CommandOutcome, Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, utc } from '../builders/company.ts';
import { type LogEntry, type LogsOptions, type LogsServer, startLogs } from '../stand-ins/aws/logs.ts';
import { DELETED, EVENTS, POD_KEY, TRAIL } from './world.ts';

const GROUP = 'aws-cloudtrail-logs';
const running: LogsServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((logs) => logs.close()));
});

function entryOf(record: JsonObject): LogEntry {
  const timestamp = Date.parse(textAt(record, 'eventTime') ?? utc('12:00:00'));
  return { stream: `${ACCOUNT}_CloudTrail_eu-west-1`, timestamp, message: JSON.stringify(record) };
}

async function trail(records: readonly JsonObject[], options: LogsOptions = {}): Promise<LogsServer> {
  const logs = await startLogs({ groups: { [GROUP]: records.map(entryOf) }, ...options });
  running.push(logs);
  return logs;
}

async function ask(logs: LogsServer, more: readonly string[] = ['-o', 'json'], group = GROUP): Promise<CommandOutcome> {
  using folder = new Folder();
  const audit = folder.file('audit.jsonl', EVENTS.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const cloudtrail = folder.file('trail.json', JSON.stringify({ Records: [] }));
  const files = ['--audit', audit, '--cloudtrail', cloudtrail, '--cluster-name', 'prod-1'];
  return await runCommand(['related', DELETED, ...files, '--trail-log-group', group, ...more], undefined, {
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
    AWS_CONFIG_FILE: '/nowhere/config',
    AWS_PROFILE: '',
  });
}

function awsOf({ output }: CommandOutcome): ShownRequest['aws'] {
  return (JSON.parse(output) as ShownAnswer).requests[0]?.aws;
}

function eventIds(records: readonly { readonly eventId: string }[] = []): readonly string[] {
  return records.map(({ eventId }) => eventId);
}

describe("the trail's log group", () => {
  it("gives the AWS calls of the pod, like CloudTrail's files", async () => {
    const aws = awsOf(await ask(await trail(TRAIL)));
    expect(eventIds(aws?.sessions)).toEqual(['pod-session', 'irsa-session']);
    expect(eventIds(aws?.calls)).toEqual(['object-read', 'read-by-irsa']);
    expect(aws?.notKnown).toBeUndefined();
  });

  it('is searched for that time and those sessions only', async () => {
    const logs = await trail(TRAIL);
    await ask(logs);
    const times = ({ startTime, endTime }: JsonObject) =>
      [startTime, endTime].map((time) => new Date(Number(time)).toISOString());
    expect(logs.requests.map(({ logGroupName }) => logGroupName)).toEqual([GROUP, GROUP]);
    const [issued = {}, calls = {}] = logs.requests;
    expect(times(issued)).toEqual(['2026-03-10T00:10:00.000Z', '2026-03-10T14:10:00.000Z']);
    expect(issued.filterPattern).toContain('($.userIdentity.userName = "system:serviceaccount:shop:web")');
    expect(times(calls)).toEqual(['2026-03-10T11:10:00.000Z', '2026-03-10T14:10:00.000Z']);
    expect(calls.filterPattern).toBe(
      `{ ($.userIdentity.accessKeyId = "${POD_KEY}") || ($.userIdentity.accessKeyId = "ASIAIRSASESSION00001") }`,
    );
  });

  it('is read page by page, with the empty pages', async () => {
    const logs = await trail(TRAIL, { pageSize: 1 });
    const aws = awsOf(await ask(logs));
    expect(eventIds(aws?.calls)).toEqual(['object-read', 'read-by-irsa']);
    expect(logs.requests.length).toBeGreaterThan(2);
  });

  it('is not read without end, and the answer says where it was cut', async () => {
    const others = Array.from({ length: 600 }, (_, at) => ({ eventID: `other-${at}`, eventTime: utc('12:00:00') }));
    const logs = await trail([...others, ...TRAIL], { pageSize: 1 });
    const ran = await ask(logs);
    expect(logs.requests).toHaveLength(500);
    expect(awsOf(ran)?.notKnown).toEqual([expect.stringMatching(/was not read to its end for the sessions/)]);
    expect(ran.errors).toMatch(/was not read to its end/);
  });

  it.each([
    ['AccessDeniedException', /AWS denied logs:FilterLogEvents in eu-west-1: refused\. Ask for that permission/],
    ['ThrottlingException', /AWS throttled logs:FilterLogEvents in eu-west-1 three times/],
  ])('does not prevent the rest of the answer if it returns %s', async (name, sentence) => {
    const logs = await trail(TRAIL);
    logs.refuse(name);
    const ran = await ask(logs);
    expect([ran.status, ran.errors]).toEqual([0, expect.stringMatching(sentence)]);
    expect(awsOf(ran)).toMatchObject({ sessions: [], calls: [], notKnown: [expect.stringMatching(sentence)] });
    expect((JSON.parse(ran.output) as ShownAnswer).requests[0]?.candidates).toHaveLength(3);
  });

  it('is reported at a terminal too if it may not be read', async () => {
    const logs = await trail(TRAIL);
    logs.refuse('AccessDeniedException');
    expect((await ask(logs, [])).output).toMatch(
      /\nnot known about AWS\n {2}The log group \S+ was not read for the sessions/,
    );
  });

  it('ends the command with a sentence if it does not exist', async () => {
    const ran = await ask(await trail(TRAIL), [], 'other');
    expect([ran.status, ran.output]).toEqual([1, '']);
    expect(ran.errors).toMatch(/There is no log group other in eu-west-1: check --trail-log-group, AWS_REGION/);
  });

  it('is searched in the Region of its ARN', async () => {
    const logs = await trail(TRAIL);
    const arn = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:other:*`;
    expect((await ask(logs, [], arn)).errors).toMatch(/There is no log group other in us-east-1/);
  });

  it('is refused if the name is not valid', async () => {
    expect(await ask(await trail(TRAIL), [], 'two words')).toMatchObject({
      status: 2,
      errors: expect.stringMatching(/--trail-log-group takes the name of a log group, or its ARN, not two words\./),
    });
  });
});
