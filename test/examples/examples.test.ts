import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Expectation, expectations } from '../../examples/day.ts';
import { exampleFiles } from '../../examples/generate.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { exampleLines } from '../anything/examples.ts';
import { type AttributeRun, attributeFiles, Folder, REPOSITORY, runCommand } from '../builders/command.ts';
import { expectCalm } from '../files/good.ts';

const EXAMPLES = join(REPOSITORY, 'examples');

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]));
}

describe('the committed files of the example', () => {
  const expected = exampleFiles();

  it('are those that the generator writes, and no others', () => {
    const there = ['audit', 'cloudtrail', 'forms/audit', 'forms/cloudtrail'].flatMap((folder) =>
      filesBelow(join(EXAMPLES, folder)),
    );
    there.push(...['line.json', 'aws-auth.yaml'].map((name) => join(EXAMPLES, name)));
    expect(there.map((path) => relative(EXAMPLES, path)).sort()).toEqual([...expected.keys()].sort());
  });

  it.each([...expected])('%s is, byte by byte, what the generator writes', (path, text) => {
    expect(readFileSync(join(EXAMPLES, path), 'utf8')).toBe(text);
  });
});

it('include one line exactly as it is in the audit log', () => {
  const line = readFileSync(join(EXAMPLES, 'line.json'), 'utf8');
  expect(exampleLines()).toContain(line.trimEnd());
  expect(line).toContain('assumed-role/orders-developer/EKSGetTokenAuth');
  expect(line).not.toContain('ben.okafor');
});

it('include an aws-auth whose mapping loses a session, as doctor reports', async () => {
  const { status, output } = await runCommand(['doctor', '--offline', '--aws-auth', join(EXAMPLES, 'aws-auth.yaml')]);
  expect(status).toBe(3);
  expect(output).toMatch(/legacy-ops/);
  expect(output).not.toMatch(/staging-node/);
});

describe("the example's day through the real command", () => {
  let result: AttributeRun;
  beforeAll(async () => {
    using folder = new Folder();
    const audit = [join(EXAMPLES, 'audit')];
    result = await attributeFiles(folder, { audit, cloudtrail: [join(EXAMPLES, 'cloudtrail')] });
  });

  it('sets nothing aside', () => {
    expectCalm(result);
    expect(result.rejects).toEqual([]);
  });

  it('gives each event one record', () => {
    const named = (of: { auditId: string; stage?: string | undefined; time?: string | undefined }) =>
      `${of.auditId} ${of.stage} ${of.time}`;
    expect(result.records.map(named).sort()).toEqual(expectations().map(named).sort());
  });

  it.each(byStory())('answers the story: %s', (_, expected) => {
    for (const one of expected) expect(answerTo(one, result.records)).toEqual(answerOf(one));
  });
});

it('names the person whom Teleport let in if Teleport is trusted', async () => {
  const [audit, cloudtrail] = ['audit', 'cloudtrail'].map((folder) => join(EXAMPLES, folder));
  const args = ['attribute', '--audit', String(audit), '--cloudtrail', String(cloudtrail)];
  const proxy = 'system:serviceaccount:teleport:teleport-kube-agent';
  const { output } = await runCommand([...args, '--trusted-proxy', proxy]);
  const records = output.trimEnd().split('\n');
  const byProxy = records.map((line) => JSON.parse(line) as AuditRecord).filter((one) => one.caller.username === proxy);
  expect(byProxy).toHaveLength(2);
  for (const { attribution } of byProxy) {
    expect(attribution).toMatchObject({ status: 'attributed', method: 'proxy', flags: ['impersonation'] });
    expect(attribution.actor).toMatchObject({ kind: 'proxied-user', name: 'mira.jansen@example.com', provider: proxy });
  }
});

/** Events of one line of the story together. */
function byStory(): [string, Expectation[]][] {
  return [...Map.groupBy(expectations(), ({ shows }) => shows)];
}

function answerOf({ shows: _, auditId, stage, time, ...answer }: Expectation) {
  return { ...answer };
}

/** The record's answer, in the words of an expectation; what the expectation does not speak of is left out. */
function answerTo(expected: Expectation, records: readonly AuditRecord[]) {
  const { auditId, stage, time } = expected;
  const record = records.find((one) => one.auditId === auditId && one.stage === stage && one.time === time);
  const { status, method, reason, flags, actor, chain, candidates } = record?.attribution ?? {};
  const found: Partial<Record<keyof Expectation, unknown>> = {
    cluster: record?.cluster,
    status,
    method,
    reason,
    flags,
    actorKind: actor?.kind,
    actorName: actor?.name,
    workload: actor?.workload,
    sourceIdentity: actor?.sourceIdentity,
    hops: chain?.length,
    candidates: candidates?.map((candidate) => candidate.actor.name).sort(),
  };
  const always: (keyof Expectation)[] = ['cluster', 'status', 'method', 'reason', 'flags', 'actorKind', 'actorName'];
  const keys = Object.keys(found).filter((key) => key in expected || always.includes(key as keyof Expectation));
  return Object.fromEntries(
    keys.map((key) => [key, found[key as keyof Expectation]]).filter(([, value]) => value !== undefined),
  );
}
