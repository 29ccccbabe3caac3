import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { ApiActivity } from '../../lib/ocsf/event.ts';
import { DAY, epochMillis } from '../../lib/time.ts';
import { requestIdentity } from '../../lib/usecases/activity/requests.ts';
import { type CommandOutcome, Folder, runCommand } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { schemaFlaws } from '../ocsf/schema-flaws.ts';
import { breakingLine } from './breaking-line.ts';
import { type DeployedTables, startWithExamples, TABLE } from './deployed-tables.ts';
import { startCommand } from './running-command.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

let tables: DeployedTables;

beforeAll(async () => {
  tables = await startWithExamples();
});

afterAll(async () => tables?.stop());

const records = (...args: readonly string[]) => tables.run(['records', ...args]);
const ORDERS = ['--cluster', 'prod', '--namespace', 'orders'];

async function found(...args: readonly string[]): Promise<AuditRecord[]> {
  const { status, output, errors } = await records(...args, '--format', 'jsonl');
  expect(status, errors).toBe(0);
  return output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditRecord]));
}

/** Returns what a person sees of a command. */
function shown({ status, output, errors }: CommandOutcome): string {
  return `${output}--- standard error\n${errors}--- exit status ${status}\n`;
}

describe('records by actor', () => {
  it.each([
    ['name', 'ana.silva', 'ana.silva'],
    ['ARN', 'arn:aws:iam::111122223333:user/ana.silva', 'ana.silva'],
    ['principal id', 'AIDALAAIXAQ7ZNEXAMPLE', 'ana.silva'],
    ['email', 'emma.fischer@example.com', 'emma.fischer@example.com'],
  ])('finds them by %s', async (_, value, name) => {
    const by = await found('--actor', value);
    expect(by.length).toBeGreaterThan(2);
    expect(new Set(by.map(({ attribution }) => attribution.actor?.name))).toEqual(new Set([name]));
    expect(by.map(({ time }) => time)).toEqual(
      by
        .map(({ time }) => time)
        .toSorted()
        .reverse(),
    );
  });

  it('finds nothing by half a name', async () => {
    expect(await found('--actor', 'ana')).toEqual([]);
  });
});

describe('records of a time range', () => {
  it('are those between both ends, to the microsecond as a record states them', async () => {
    const all = (await found(...ORDERS)).map(({ time = '' }) => time);
    const [to = '', from = ''] = [all[2], all[6]];
    expect((await found(...ORDERS, '--from', from, '--to', to)).map(({ time }) => time)).toEqual(all.slice(2, 7));
  });

  it('are read in any time zone; without one it is UTC', async () => {
    const utc = await found(...ORDERS, '--from', '2026-03-10T14:00:00Z');
    expect(utc.length).toBeGreaterThan(0);
    expect(await found(...ORDERS, '--from', '2026-03-10T15:00:00+01:00')).toEqual(utc);
    expect(await found(...ORDERS, '--from', '2026-03-10 14:00')).toEqual(utc);
  });

  it('are the last ones with --since', async () => {
    const days = Math.ceil((Date.now() - Date.parse('2026-03-10T00:00:00Z')) / 86_400_000);
    const all = await found(...ORDERS);
    expect(await found(...ORDERS, '--since', `${days}d`)).toEqual(all);
    const hours = (Date.now() - Date.parse('2026-03-10T12:00:00Z')) / 3_600_000;
    const since = await found(...ORDERS, '--since', `${Math.floor(hours)}h`);
    expect(since.length).toBeGreaterThan(0);
    expect(since.length).toBeLessThan(all.length);
    expect(await found(...ORDERS, '--since', '30m')).toEqual([]);
  });

  it.each([
    [
      ['--since', '2h', '--from', '2026-03-10T14:00:00Z'],
      '--since and --from both set the start of the time range: leave one of them out.',
    ],
    [['--from', '2026-03-11T00:00:00Z', '--to', '2026-03-10T00:00:00Z'], 'The time range ends before it begins'],
    [['--since', 'two hours'], '--since cannot be two hours. Give a time like '],
    [['--since', '99999999999999d'], '--since cannot be 99999999999999d. Give a time like '],
    [
      ['--to', 'tomorrow'],
      'Give a time like 2026-03-10T14:03:00Z, 2026-03-10, yesterday, 08:00, 2h, 1w, 1mo or "2 days ago".',
    ],
    [['--session', 'AROA:'], '--session cannot be AROA:. Give AROA…:<session name>'],
    [['--code', 'forbidden'], '--code cannot be forbidden. Give a response code, for example 403 or 4xx.'],
    [['--not-user-agent', ''], '--not-user-agent is empty'],
    [['--candidates'], '--candidates needs --actor: it shows requests that this actor may have made. Add --actor.'],
  ])('%o is wrong usage', async (args, sentence) => {
    const { status, output, errors } = await records(...ORDERS, ...args);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toContain(sentence);
  });
});

describe('records of an object', () => {
  it('are those in the question that name it', async () => {
    const of = await found('--cluster', 'staging', '--namespace', 'payments', '--object', 'feature-flags');
    expect(of.map(({ request }) => request?.name)).toEqual(['feature-flags']);
  });
});

describe('records of a place with another filter', () => {
  const inPlace = ({ cluster, request }: AuditRecord) => cluster === 'prod' && request?.namespace === 'orders';

  it.each([
    ['of an actor', ['--actor', 'ana.silva']],
    ['of a session', ['--session', 'AROAXVZ4W4DLQPEXAMPLE:EKSGetTokenAuth']],
    ['of a status', ['--status', 'unattributed']],
  ])('are those %s that were made there', async (_, question) => {
    const all = await found(...question);
    const there = all.filter(inPlace);
    expect(there.length).toBeGreaterThan(0);
    expect(there.length).toBeLessThan(all.length);
    expect(await found(...question, ...ORDERS)).toEqual(there);
  });

  it('can be in one cluster, or in one namespace of any cluster, and --limit counts the shown ones', async () => {
    const all = await found('--actor', 'ana.silva');
    const inCluster = all.filter(({ cluster }) => cluster === 'prod');
    expect(inCluster.length).toBeLessThan(all.length);
    expect(await found('--actor', 'ana.silva', '--cluster', 'prod', '--limit', '2')).toEqual(inCluster.slice(0, 2));
    const inNamespace = all.filter(({ request }) => request?.namespace === 'orders');
    expect(await found('--actor', 'ana.silva', '--namespace', 'orders')).toEqual(inNamespace);
  });

  it('are counted by a summary, which says so', async () => {
    const { errors } = await records('--actor', 'ana.silva', '--cluster', 'prod', '--summary');
    expect(errors).toMatch(/^eks-whois: 4 requests for actor ana\.silva, cluster prod, at any time: /);
  });
});

describe('records in a table', () => {
  it('are one row for each request; its stages are in the other formats', async () => {
    const { output, errors } = await records(...ORDERS);
    const all = await found(...ORDERS);
    expect(output.trimEnd().split('\n')).toHaveLength(1 + new Set(all.map(requestIdentity)).size);
    expect(errors).toBe(`21 requests, stored as ${all.length} records: one for each stage\n`);
  });

  it('say if --limit cut them, and only then', async () => {
    const cut = await records(...ORDERS, '--limit', '3');
    expect(cut.output.trimEnd().split('\n')).toHaveLength(1 + 3);
    expect(cut.errors).toBe('3 records; there are more (--limit reached)\n');
    expect((await records(...ORDERS, '--limit', '21')).errors).not.toContain('more');
  });
});

describe('records of an actor who is one of several candidates', () => {
  it("are counted after the actor's own records, with the command to list them", async () => {
    const { errors } = await records('--actor', 'ana.silva', '--from', '2026-03-10', '--to', '2026-03-10');
    const [, command = ''] =
      /3 more requests may be by ana\.silva \(status ambiguous\)\. To list them, run eks-whois (.*)\n/.exec(errors) ??
      [];
    expect(command).toMatch(/^records --actor ana\.silva --from 2026-03-10T00:00:00Z .* --candidates --table /);
    const args = command
      .split(' ')
      .slice(1)
      .filter((word, at, all) => ![word, all[at - 1]].includes('--table'));
    expect(await found(...args)).toHaveLength(3);
    const before = await records('--actor', 'ana.silva', '--to', '2026-03-10T09:00:00Z');
    expect(before.errors).not.toContain('may be by');
    expect((await records('--actor', 'emma.fischer@example.com')).errors).not.toContain('may be by');
  });

  it('have their own rows in a summary', async () => {
    const { output, errors } = await records('--actor', 'ana.silva', '--summary');
    expect(output).toMatch(/^ana\.silva .* attributed /m);
    expect(output).toMatch(/^ben\.okafor or ana\.silva: session .* ambiguous +2 /m);
    expect(errors).toContain('and 3 more that may be by ana.silva');
  });

  it('are not searched with a status that has no actor', async () => {
    expect(await records('--actor', 'ana.silva', '--status', 'unattributed')).toMatchObject({
      status: 0,
      output: '',
      errors: expect.stringContaining('Records with the status unattributed have no actor'),
    });
  });
});

describe('an answer without records', () => {
  it.each([
    [['--cluster', 'Prod', ...ORDERS.slice(2)], /^eks-whois: No records in the cluster Prod\. Similar: prod\.\n$/],
    [['--cluster', 'stagign'], /in the cluster stagign\. Similar: staging/],
    [['--cluster', 'nowhere'], /in the cluster nowhere\. There are records in prod, staging/],
    [['--cluster', 'prod', '-n', 'oders'], /in the namespace oders\. Similar: orders/],
    [['--role', 'orders-develper'], /with the role orders-develper\. Similar: orders-developer/],
    [
      [...ORDERS, '--since', '2h'],
      /No records for cluster prod, namespace orders in this time range. The newest one is from 2026-03-10T15:06:02/,
    ],
    [['--actor', 'Ana.Silva'], /^eks-whois: No records by the actor Ana\.Silva\. Similar: ana\.silva/],
    [['--actor', 'AROAHV7GPLCB4FEXAMPLE:etl-debug'], /Use --session for a session or an access key/],
    [['--actor', 'etl-debg'], /have similar names: etl-debug/],
    [['--actor', 'ana.silva', '--verb', 'proxy'], /--verb proxy alone has no records either/],
  ])('says what is unknown, and what is similar: %j', async (args, words) => {
    const { status, output, errors } = await records(...args);
    expect({ status, output }).toEqual({ status: 0, output: '' });
    expect(errors).toMatch(words);
  });
});

describe('records --format ocsf', () => {
  it("are events of the schema's own class, one for each record, in their order", async () => {
    const all = await found(...ORDERS);
    const { status, output } = await records(...ORDERS, '--format', 'ocsf');
    expect(status).toBe(0);
    const events = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ApiActivity);
    expect(events.flatMap(schemaFlaws)).toEqual([]);
    expect(events.map(({ metadata }) => metadata.correlation_uid)).toEqual(all.map(({ auditId }) => auditId));
  });
});

describe('records --summary', () => {
  it('says who did how much, where and when, and hides nobody', async () => {
    const ran = await records(...ORDERS, '--summary');
    await expect(shown(ran)).toMatchFileSnapshot('../golden/records-summary.txt');
    const counts = [...ran.output.matchAll(/ (?:attributed|unattributed|partial) +(\d+) /g)].map(([, count]) =>
      Number(count),
    );
    const requests = new Set((await found(...ORDERS)).map(requestIdentity));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(requests.size);
  });

  it('has a row for each ambiguous or unidentified session', async () => {
    const ambiguous = await records('--status', 'ambiguous', '--summary');
    const unattributed = await records('--status', 'unattributed', '--summary');
    await expect(shown(ambiguous) + shown(unattributed)).toMatchFileSnapshot('../golden/records-summary-unnamed.txt');
  });

  it('as JSON lines and CSV', async () => {
    const [jsonl, csv] = await Promise.all(
      ['jsonl', 'csv'].map((format) => records(...ORDERS, '--summary', '--format', format)),
    );
    await expect(jsonl?.output).toMatchFileSnapshot('../golden/records-summary.jsonl');
    await expect(csv?.output).toMatchFileSnapshot('../golden/records-summary.csv');
  });

  it('says if --limit cut it, and only then', async () => {
    const all = new Set((await found(...ORDERS)).map(requestIdentity)).size;
    const cut = await records(...ORDERS, '--summary', '--limit', String(all - 1));
    expect(cut.errors).toMatch(new RegExp(`Based on the newest ${all - 1} requests`));
    const whole = await records(...ORDERS, '--summary', '--limit', String(all));
    expect(whole.errors).not.toContain('--limit');
  });

  it('is not possible as OCSF', async () => {
    expect(await records(...ORDERS, '--summary', '--format', 'ocsf')).toMatchObject({
      status: 2,
      errors:
        'eks-whois: A summary cannot be written as OCSF or ECS. Use --output table, wide, jsonl, json, yaml or csv.\n',
    });
  });
});

describe('sessions', () => {
  const sessions = (...args: readonly string[]) => tables.run(['sessions', ...args]);
  const jsonLines = (text: string): { caller: { sessionName?: string; username: string } }[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it.each([60, 80, 120, 200])('fit %i columns, with a value to search the records of each', async (width) => {
    const shownIn = (colour: string) =>
      tables.run(['sessions', '--color', colour], { COLUMNS: String(width) }).then(({ output }) => output);
    const [plain, coloured] = [await shownIn('never'), await shownIn('always')];
    await expect(plain).toMatchFileSnapshot(`../golden/tables/sessions-${width}.txt`);
    await expect(coloured.replaceAll('\u001b', '␛')).toMatchFileSnapshot(
      `../golden/tables/sessions-${width}-colour.txt`,
    );
    for (const line of plain.trimEnd().split('\n'))
      if (line.trim().includes(' ')) expect(stringWidth(line), line).toBeLessThanOrEqual(width);
    for (const row of jsonLines((await sessions('--format', 'jsonl')).output)) {
      const { sessionName, username } = row.caller;
      expect(plain).toContain(sessionName ?? username);
    }
  });

  it('lists those that are not attributed, of all statuses or of one', async () => {
    await expect(shown(await sessions())).toMatchFileSnapshot('../golden/sessions.txt');
    const { output } = await sessions('--status', 'partial');
    expect(
      output
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['partial', 'partial', 'partial', 'partial']);
    const ambiguous = await sessions('--status', 'ambiguous');
    expect(ambiguous.output).toMatch(/one of: IAM user ana\.silva, IAM user ben\.okafor +staging/);
  });

  it('as CSV and JSON lines', async () => {
    await expect((await sessions('--format', 'csv')).output).toMatchFileSnapshot('../golden/sessions.csv');
    const lines = (await sessions('--format', 'jsonl')).output.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).status)).toContain('ambiguous');
  });

  it('in a time range are those seen within it, or both before and after', async () => {
    const withoutEvent = await sessions('--from', '2026-03-10T12:59:00Z', '--to', '2026-03-10T13:00:00Z');
    expect(withoutEvent.output).toContain('etl-debug');
    const { output } = await sessions('--from', '2026-03-10T13:00:00Z', '--to', '2026-03-10T17:00:00Z');
    expect(output).toMatch(/etl-debug[\s\S]*metrics-collector/);
    expect(output).not.toMatch(/legacy-ops|EKSGetTokenAuth|tfc-run/);
    expect((await sessions('--since', '2h')).errors).toContain(
      '\neks-whois: No sessions in this time range. The newest of 9 sessions outside it was last seen at 2026-03-10T17:30:09.353637Z.\n',
    );
  });

  it('with forged names come from the records in question, and the note says which', async () => {
    await expect(shown(await sessions('--forged', ...ORDERS))).toMatchFileSnapshot('../golden/sessions-forged.txt');
    const chosen = await sessions('--flag', 'name-chosen-by-caller', '--actor', 'ana.silva', '--format', 'csv');
    expect(chosen.output).toMatch(/\r\nname-chosen-by-caller,AROA\w+:EKSGetTokenAuth,.*,ana\.silva,/);
    expect(chosen.errors).toMatch(/Scanned \d records for actor ana\.silva, flag name-chosen-by-caller, at any time/);
  });

  it('with forged names need no other filter', async () => {
    const { status, output, errors } = await sessions('--forged');
    expect(status, errors).toBe(0);
    expect(output).toContain('session-name-claims-other-actor');
    expect(errors).toMatch(/Scanned [\d,]+ records for flag .*, at any time/);
  });

  it.each([
    [['--flag', 'forged'], '--flag cannot be forged. Give one of conflicting-copies'],
    [
      ['--cluster', 'prod'],
      '--cluster works only with --actor, --role, --forged or --flag. Add one of these, or use records.',
    ],
    [['--status', 'attributed'], 'Give one of unattributed, ambiguous, pending, partial.'],
  ])('%o is wrong usage', async (args, sentence) => {
    const { status, output, errors } = await sessions(...args);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toContain(sentence);
  });
});

describe('whois on the tables', () => {
  const BEN = [
    ...['--uid', 'aws-iam-authenticator:777788889999:AROADMCQVBBMI6EXAMPLE', '--username', 'team-payments-ben.okafor'],
    ...['--at', '2026-03-10T12:04:30Z'],
  ];
  const whois = (...args: readonly string[]) => tables.run(['whois', ...BEN, ...args]);

  it('reads usernames by the given templates', async () => {
    expect(await whois()).toMatchObject({
      status: 3,
      output: expect.stringContaining('1 possible actor, by a name that nothing confirms'),
    });
    const { status, output } = await whois('--username-template', 'team-payments-{{SessionName}}');
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringContaining('iam::111122223333:user/ben.okafor'),
    });
  });

  it('queries the given Region with the given profile', async () => {
    const homeless = { AWS_REGION: '', AWS_DEFAULT_REGION: '' };
    const args = ['--username-template', 'team-payments-{{SessionName}}', '--region', 'eu-west-1'];
    const command = ['whois', ...BEN, ...args];
    expect((await tables.run(command, homeless)).status).toBe(0);
    const { status, errors } = await tables.run([...command, '--profile', 'nobody'], homeless);
    expect(status).toBe(1);
    expect(errors).toMatch(/^eks-whois: There is no AWS profile nobody in [^\n]*\n$/);
  });

  it.each([
    [['--region', 'eu-west-1', 'us-east-1'], 'Give one --region and one --profile'],
    [['--profile', 'a', 'b'], 'Give one --region and one --profile'],
  ])('%o is wrong usage', async (args, sentence) => {
    expect(await whois(...args)).toMatchObject({ status: 2, errors: expect.stringContaining(sentence) });
  });
});

describe('tables that cannot be read', () => {
  it('are reported in one sentence', async () => {
    const nowhere = await runCommand(['records', '--actor', 'a', '--table', 'none'], undefined, tables.environment);
    expect(nowhere).toMatchObject({ status: 1, output: '' });
    expect(nowhere.errors).toBe(
      'eks-whois: The tables none-… cannot be read: there is no such table in this account and Region. Check --table, and --region or AWS_REGION.\n',
    );
    const anonymous = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    expect((await tables.run(['sessions'], anonymous)).errors).toMatch(
      /there are no AWS credentials\. Sign in, or give --profile or AWS_PROFILE\.\n$/,
    );
  });

  it('are not queried with a profile that does not exist or in an invalid Region, but with one that exists', async () => {
    using folder = new Folder();
    const keys = 'aws_access_key_id=AKIAALICE00000000001\naws_secret_access_key=secret\n';
    const environment = {
      AWS_SHARED_CREDENTIALS_FILE: folder.file('credentials', `[ops]\n${keys}`),
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_REGION: '',
    };
    for (const command of [['sessions'], ['records', '--actor', 'ana.silva']]) {
      const by = (...args: readonly string[]) => tables.run([...command, ...args], environment);
      expect(await by('--profile', 'ops', '--region', 'eu-west-1')).toMatchObject({ status: 0 });
      expect((await by('--profile', 'none')).errors).toMatch(/There is no AWS profile none/);
      expect(await by('--profile', 'ops', '--region', 'here')).toMatchObject({ status: 2 });
    }
  });

  it('are reported if the network or the Region is missing', async () => {
    const unreachable = await tables.run(['sessions'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    expect(unreachable).toMatchObject({ status: 1, output: '' });
    expect(unreachable.errors).toMatch(
      /^eks-whois: The tables eks-whois-test-… cannot be read: [^\n]*ECONNREFUSED[^\n]*\.\n$/,
    );
    const homeless = await tables.run(['sessions'], { AWS_REGION: '', AWS_DEFAULT_REGION: '' });
    expect(homeless.errors).toMatch(/cannot be read: no AWS Region is set\. Set AWS_REGION, or give --region\.\n$/);
  });

  it('end --follow if access is denied, also later', async () => {
    const args = ['records', '--follow', '--interval', '0.1', ...ORDERS, '--from', '2026-03-10T00:00:00Z'];
    const following = startCommand([...args, '--table', TABLE], tables.environment);
    await following.until('orders-api-6c9f');
    const letThrough = tables.aws.refuse('dynamodb:Query', `${TABLE}-records/index/by-namespace`);
    expect(await following.ended()).toBe(1);
    letThrough();
    expect(following.printed.output.trimEnd().split('\n')).toHaveLength(21);
    expect(following.printed.errors).toMatch(
      /you do not have the permission\. Ask for the managed policy for analysts, which is an output of the stack\.\n/,
    );
  });
});

describe('records --follow on the tables', () => {
  it('shows existing records, oldest first, and ends with Ctrl-C', async () => {
    const args = ['records', '--follow', '--interval', '0.1', '--actor', 'ana.silva', '--from', '2026-03-10T00:00:00Z'];
    const following = startCommand([...args, '--table', TABLE], tables.environment);
    await following.until('name-chosen-by-caller');
    expect(await following.interrupt()).toBe(0);
    const times = following.printed.output.split('\n').flatMap((line) => /^2026\S+/.exec(line)?.[0] ?? []);
    expect(times).toHaveLength(5);
    expect(times).toEqual(times.toSorted());
  });

  it('signs in once for its whole duration, because each sign-in would be a grant in CloudTrail', async () => {
    using folder = new Folder();
    const answer = { Version: 1, AccessKeyId: 'AKIAALICE00000000001', SecretAccessKey: 'secret' };
    const script = folder.file(
      'sign-in.sh',
      `echo once >> '${folder.at('times')}'\necho '${JSON.stringify(answer)}'\n`,
    );
    const config = folder.file('config', `[profile role]\ncredential_process = sh ${script}\n`);
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...environment } = tables.environment;
    const signedOut = { ...environment, AWS_CONFIG_FILE: config, AWS_PROFILE: 'role' };
    const args = ['records', '--follow', '--interval', '0.1', '--actor', 'ana.silva', '--from', '2026-03-10T00:00:00Z'];
    const before = tables.aws.calls.length;
    const following = startCommand([...args, '--table', TABLE], signedOut);
    await following.until('name-chosen-by-caller');
    while (tables.aws.calls.length < before + 60) await sleep(20);
    expect(await following.interrupt()).toBe(0);
    expect(folder.read('times')).toBe('once\n');
  });

  it('shows new and corrected records, and waits if the network is down', async () => {
    const line = await breakingLine(tables.aws.url);
    const client = new DynamoDBClient({ endpoint: tables.aws.url, region: 'eu-west-1', credentials: CREDENTIALS });
    const names = tableNames(TABLE);
    const keep = { records: DAY, sessions: DAY };
    const { records } = dynamoDbStores({ client, tables: names, clock: () => epochMillis(Date.now()), keep });
    const now = new Date().toISOString();
    const pending = (id: string) => storedRecord({ auditID: id, requestReceivedTimestamp: now });
    await records.insert([pending('first')]);
    const place = ['--cluster', 'prod-1', '--namespace', 'shop', '--format', 'jsonl', '--table', TABLE];
    const environment = { ...tables.environment, AWS_ENDPOINT_URL: line.url };
    const following = startCommand(['records', '--follow', '--interval', '0.1', ...place], environment);
    await following.until('"auditId":"first"');
    line.isCut = true;
    await following.until('Retrying until it answers.');
    await records.insert([pending('second')]);
    const { records: stored } = await records.query({ by: 'audit-id', auditId: auditIdOf('first') }, {}, { limit: 1 });
    const [first] = stored;
    const grants = [grant({ at: now, until: new Date(Date.now() + DAY).toISOString() })];
    const { record } = storedRecord({ auditID: 'first', requestReceivedTimestamp: now }, grants);
    if (first !== undefined) await records.correct([{ ...first, record }]);
    line.isCut = false;
    await following.until('"auditId":"second"');
    await following.until('"corrected":{"status":"pending"}');
    expect(await following.interrupt()).toBe(0);
    line.stop();
    client.destroy();
    expect(following.printed.output.trimEnd().split('\n')).toHaveLength(3);
    expect(following.printed.errors.match(/cannot be read/g)).toHaveLength(1);
    expect(following.printed.errors).toContain('The service answers again.');
  });
});
