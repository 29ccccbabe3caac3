import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { backfillCommand } from '../../cli/backfill/backfill.ts';
import { callerSeen } from '../../cli/doctor/audit.ts';
import { kubeconfigCommand } from '../../cli/kubeconfig/kubeconfig.ts';
import { sessionsCommand } from '../../cli/sessions/sessions.ts';
import { whoisCommand } from '../../cli/whois/whois.ts';
import { PARAMETER_NAMES } from '../../infra/parameters.ts';
import { REASON_MEND } from '../../lib/attribution/reasons.ts';
import { judgeAuditLog } from '../../lib/doctor/audit-log.ts';
import { FINDINGS, type Finding } from '../../lib/doctor/finding.ts';
import { KeylessEvents } from '../../lib/doctor/keyless-events.ts';
import {
  bucketFindings,
  deployerFindings,
  memberFindings,
  noOrganizationTrail,
  organizationTrailFindings,
} from '../../lib/doctor/organization.ts';
import { type Trail, trailFindings } from '../../lib/doctor/trail.ts';
import { unnamedSessionFindings } from '../../lib/doctor/unnamed-sessions.ts';
import { keysOf } from '../../lib/json.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { account, THEN } from '../backfill/running.ts';
import { auditEvent, bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { REPOSITORY } from '../builders/command.ts';
import { commandsIn, type Words, wordsOf } from './steps.ts';

/** The golden texts of accounts in which much is wrong, and what these do not have. */
const GOLDEN = ['doctor-account.txt', 'doctor-offline.txt'].map((name) =>
  readFileSync(`${REPOSITORY}/test/golden/${name}`, 'utf8'),
);
const TRAIL: Trail = {
  name: 'all',
  homeRegion: 'eu-west-1',
  multiRegion: true,
  toLogGroup: false,
  ofOrganization: false,
  validated: true,
};
const KEYLESS = new KeylessEvents();
KEYLESS.add(callerSeen(eventBy(bareRoleUser('ops')), 'old'));
const OTHERS: readonly Finding[] = [
  ...KEYLESS.findings(),
  ...trailFindings([], ['eu-west-1']),
  ...trailFindings([{ ...TRAIL, logging: false }], ['eu-west-1']),
  ...organizationTrailFindings([{ ...TRAIL, validated: false }], ['eu-west-1']),
  noOrganizationTrail(['eu-west-1']),
  ...deployerFindings({ accountId: '1', access: 'DISABLED', managementAccountId: '2', administrators: [] }),
  ...memberFindings(
    [
      {
        accountId: '1',
        hasBoundary: false,
        enabledRegions: [],
        concurrency: { a: 10 },
        hasClusters: {},
        denied: { a: ['iam:CreateRole'] },
      },
    ],
    { regions: ['a'], boundary: 'team/limit' },
  ),
  ...bucketFindings([{ name: 'code', encryption: 'aws:kms' }]),
  ...unnamedSessionFindings(
    keysOf(REASON_MEND).map((reason) => ({
      reasons: [reason],
      last: '2026-03-10T08:00:00Z',
      caller: { uid: 'u', username: 'x y' },
    })),
    epochMillis(0),
    { days: 7, service: '--table eks-whois-prod' },
  ),
];
const STEPS = [
  ...GOLDEN.flatMap((text) => [...text.matchAll(/^ {2}fix: {2}(.*)$/gm)].map(([, step = '']) => step)),
  ...OTHERS.map(({ mend }) => mend),
];
const LINES = [...new Set(STEPS.flatMap(commandsIn))];

test('the steps of all kinds of findings are tested', () => {
  const golden = GOLDEN.flatMap((text) => [...text.matchAll(/^(?:HIGH|MEDIUM|LOW) {2}(\S+)/gm)].map(([, id]) => id));
  expect(new Set([...golden, ...OTHERS.map(({ id }) => id)])).toEqual(new Set(Object.keys(FINDINGS)));
});

describe('a step is a command line that its program accepts', () => {
  test.each(LINES)('%s', async (line) => {
    const commands = wordsOf(line);
    expect(commands.length).toBeGreaterThan(0);
    for (const [program, ...words] of commands) {
      if (program === 'aws') await expectAws(words);
      else if (program === 'eks-whois') expectOwn(words);
      else if (program === 'npm') expectDeploy(words);
      else expect(words).toEqual(['edit', 'configmap', 'aws-auth', '-n', 'kube-system']);
    }
  });
});

/** The AWS CLI's commands are the operations of the services, its options the members of their inputs. */
const CLIENTS: Readonly<Record<string, () => Promise<object>>> = {
  cloudformation: () => import('@aws-sdk/client-cloudformation'),
  organizations: () => import('@aws-sdk/client-organizations'),
  cloudtrail: () => import('@aws-sdk/client-cloudtrail'),
  eks: () => import('@aws-sdk/client-eks'),
  events: () => import('@aws-sdk/client-eventbridge'),
  iam: () => import('@aws-sdk/client-iam'),
  lambda: () => import('@aws-sdk/client-lambda'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
};
const OF_EVERY_COMMAND = ['--region', '--query', '--profile'];

async function expectAws([service = '', operation = '', ...words]: Words): Promise<void> {
  const options = words.filter((word) => word.startsWith('--'));
  if (service === 'cloudformation' && operation === 'deploy') return expectStackDeployment(words);
  const client = await CLIENTS[service]?.();
  const lower = `${operation.replaceAll('-', '')}command`;
  const [, of] = Object.entries(client ?? {}).find(([name]) => name.toLowerCase() === lower) ?? [];
  const members = membersOf(of);
  const flags = members.names.map((member) => `--${kebab(member)}`);
  expect([...flags, ...OF_EVERY_COMMAND]).toEqual(expect.arrayContaining(options));
  expect(options).toEqual(expect.arrayContaining(flags.slice(0, members.required)));
}

/** The SDK's own schema: the names of the input's members, the required ones first, and how many these are. */
function membersOf(command: unknown): { names: readonly string[]; required: number } {
  if (typeof command !== 'function') throw new Error('There is no such operation.');
  const made: unknown = Reflect.construct(command, [{}]);
  const input: unknown = Reflect.get(Object(Reflect.get(Object(made), 'schema')), 4);
  const schema: unknown = typeof input === 'function' ? input() : input;
  const [, , , , names, , required] = schema as [number, string, string, unknown, readonly string[], unknown, number?];
  return { names, required: required ?? 0 };
}

/** `S3BucketName` as `s3-bucket-name`. */
function kebab(member: string): string {
  return member.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** `deploy` is the AWS CLI's own (AWS CLI Command Reference, "cloudformation deploy"). */
function expectStackDeployment(words: Words): void {
  expect(words.filter((word) => word.startsWith('--')).toSorted()).toEqual(
    expect.arrayContaining(['--capabilities', '--parameter-overrides', '--stack-name', '--template-file']),
  );
  const file = words[words.indexOf('--template-file') + 1] ?? '';
  expect(existsSync(`${REPOSITORY}/${file}`)).toBe(true);
  const declared = readFileSync(`${REPOSITORY}/${file}`, 'utf8');
  for (const parameter of words.filter((word) => /^\w+=/.test(word)))
    expect(declared).toMatch(new RegExp(`^ {2}${parameter.split('=')[0]}:$`, 'm'));
}

const OWN: readonly (() => Command)[] = [backfillCommand, kubeconfigCommand, sessionsCommand, whoisCommand];

/** The command line's own parser takes it whole: no unknown option, no value that it refuses, nothing that is missing. */
function expectOwn(words: Words): void {
  const { command, rest } = commandFor(words);
  command.exitOverride();
  const { operands, unknown } = command.parseOptions([...rest]);
  expect(unknown).toEqual([]);
  expect(operands).toHaveLength(command.registeredArguments.filter(({ required }) => required).length);
  const needed = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => long);
  expect(rest).toEqual(expect.arrayContaining(needed));
}

function commandFor(words: Words): { command: Command; rest: Words } {
  let command = OWN.map((make) => make()).find((each) => each.name() === words[0]);
  let rest = words.slice(1);
  for (let next = command; next !== undefined; next = next.commands.find((each) => each.name() === rest[0])) {
    if (next !== command) rest = rest.slice(1);
    command = next;
  }
  if (command === undefined) throw new Error(`There is no command ${words[0]}.`);
  return { command, rest };
}

function expectDeploy([run, deploy, dashes, ...words]: Words): void {
  expect([run, deploy, dashes]).toEqual(['run', 'deploy', '--']);
  const given = words.filter((_, at) => words[at - 1] === '--param');
  for (const parameter of given) expect(PARAMETER_NAMES).toContain(parameter.split('=')[0]);
  expect(words.filter((word) => word.startsWith('--'))).toEqual(['--stage', '--region', '--param']);
}

test('the step for entries that were cut says who wrote them', async () => {
  const stream = 'kube-apiserver-audit-0123456789abcdef';
  const hour = epochMillis(Math.floor(THEN / HOUR) * HOUR);
  const whole = JSON.stringify(auditEvent({ user: roleUser({ session: 'mallory', key: 'ASIAMALLORY000000001' }) }));
  const cut = {
    stream,
    timestamp: THEN,
    message: `${whole.slice(0, -1)},"requestObject":{"data":{"x":"${'A'.repeat(4_000)}`,
  };
  const { backfill, folder } = await account({ groups: { '/aws/eks/prod/cluster': [cut] } });
  const { findings } = judgeAuditLog(
    { cluster: 'prod', region: 'eu-west-1', on: true, cut: [{ stream, hour, count: 1 }] },
    { days: 7, from: epochMillis(0), to: epochMillis(Date.now()), prefix: 'eks-whois-test' },
  );
  const [[program, command, table, prefix, ...args] = []] = wordsOf(commandsIn(findings[0]?.mend ?? '')[0] ?? '');
  expect([program, command, table, prefix]).toEqual(['eks-whois', 'backfill', '--table', 'eks-whois-test']);
  const ended = await backfill(args);
  expect(ended).toMatchObject({ status: 0, stdout: expect.stringContaining('Could not be read: 1 invalid-json') });
  expect(folder.read('cut-prod.jsonl')).toContain('mallory');
});
