import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownAnswer, ShownRequest } from '../../cli/related/text.ts';
import type { JsonObject } from '../../lib/json.ts';
import { type RoleUserOptions, roleUser } from '../builders/audit-event.ts';
import { type CommandOutcome, Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { userId } from '../builders/trail-callers.ts';
import { createEvent } from '../builders/workloads.ts';
import { auditPayload } from '../evidence/over-files.ts';
import { type DeployedTables, startTables } from '../records/deployed-tables.ts';
import {
  CONTROLLER,
  DELETED,
  EVENTS,
  entry,
  ORIGIN,
  PERSONAL_TOKEN,
  POD,
  person,
  request,
  secretDeleted,
  TRAIL,
  workload,
} from './world.ts';

const folder = new Folder();
let tables: DeployedTables;

beforeAll(async () => {
  tables = await startTables();
});
afterAll(async () => {
  folder[Symbol.dispose]();
  await tables.stop();
});

let worlds = 0;

function written(events: readonly JsonObject[]): { readonly audit: string; readonly cloudtrail: string } {
  worlds += 1;
  return {
    audit: folder.file(`${worlds}/audit.jsonl`, events.map((event) => `${JSON.stringify(event)}\n`).join('')),
    cloudtrail: folder.file(`${worlds}/trail.json`, JSON.stringify({ Records: TRAIL })),
  };
}

async function overFiles(
  auditId: string,
  events: readonly JsonObject[],
  more: readonly string[] = [],
): Promise<CommandOutcome> {
  const { audit, cloudtrail } = written(events);
  const files = ['--audit', audit, '--cloudtrail', cloudtrail, '--cluster-name', 'prod-1'];
  return runCommand(['related', auditId, ...files, ...more]);
}

async function answered(auditId: string, events: readonly JsonObject[]): Promise<ShownAnswer> {
  const { output, errors, status } = await overFiles(auditId, events, ['-o', 'json']);
  expect([status, errors]).toEqual([0, '']);
  return JSON.parse(output) as ShownAnswer;
}

async function only(auditId: string, events: readonly JsonObject[]): Promise<ShownRequest> {
  const { requests } = await answered(auditId, events);
  const [request] = requests;
  if (request === undefined || requests.length > 1) throw new Error(`${requests.length} requests`);
  return request;
}

function names({ candidates }: ShownRequest): readonly (string | undefined)[] {
  return candidates.map(({ actor, username }) => actor?.name ?? username);
}

function idsOf(records: readonly { readonly auditId: string }[] = []): readonly string[] {
  return records.map(({ auditId }) => auditId);
}

/** One story, from both places. */
function tellsTheStory(ask: () => Promise<ShownRequest>): void {
  it('names who entered the pod, who made what it came from and who changed that, and never as the actor', async () => {
    const request = await ask();
    expect(names(request)).toEqual(['bob', 'erin', 'alice']);
    expect(request.candidates.map(({ evidence }) => evidence)).toEqual([
      ['bob-in-the-pod'],
      ['image-changed'],
      ['created-deployment'],
    ]);
    expect(request.candidates[0]?.reasons).toEqual(['ran a command in the pod (pods/exec) at 2026-03-10T11:00:00Z']);
    expect(request.stages).toMatchObject([{ auditId: DELETED, attribution: { status: 'system' } }]);
  });

  it("follows the pod by uids up to its Deployment's author", async () => {
    const { pod } = await ask();
    expect(pod?.origin.map(({ kind, uid, foundBy, created }) => [kind, uid, foundBy, created?.auditId])).toEqual([
      ['Pod', POD.uid, 'uid', `create ${POD.uid}`],
      ['ReplicaSet', 'replicaset', 'uid', 'create replicaset'],
      ['Deployment', 'deployment', 'uid', 'created-deployment'],
    ]);
    expect(pod).toMatchObject({ ...POD, namespace: 'shop', cluster: 'prod-1', from: utc('09:00:02') });
  });

  it('separates who came before the request from who came after it, and leaves out denied ones', async () => {
    const { pod } = await ask();
    expect(pod?.entries.map(({ record, afterRequest }) => [record.auditId, afterRequest])).toEqual([
      ['dave-came-later', true],
      ['bob-in-the-pod', undefined],
    ]);
  });

  it('shows who obtained tokens while the pod existed, and which token the request used', async () => {
    const { serviceAccount } = await ask();
    expect(serviceAccount?.name).toBe('shop:web');
    expect(serviceAccount?.tokens.map(({ record, used }) => [record.auditId, used])).toEqual([
      ['issued-to-kubelet', true],
      ['issued-to-carol', undefined],
    ]);
  });

  it("shows the session's other requests within a quarter of an hour", async () => {
    const { session } = await ask();
    expect(idsOf(session?.requests)).toEqual(['configmaps-listed']);
    expect(session).toMatchObject({ by: 'session', from: utc('11:55:00'), to: utc('12:25:00') });
  });

  it("shows the AWS calls of the pod's own session by its uid, and those of IRSA as of one of the pods then running", async () => {
    const { aws } = await ask();
    expect(aws?.sessions.map(({ eventId, reason }) => [eventId, reason.split(':')[0]])).toEqual([
      ['pod-session', 'this pod'],
      ['irsa-session', 'one of the pods that ran then'],
    ]);
    expect(aws?.calls.map(({ eventId }) => eventId)).toEqual(['object-read', 'read-by-irsa']);
  });

  it('contains nothing of a body except uid and owners', async () => {
    expect(JSON.stringify(await ask())).not.toContain('secret-value');
  });
}

describe('what belongs to a request, over files', () => {
  tellsTheStory(() => only(DELETED, EVENTS));

  it('is the same if the events come in another order', async () => {
    expect(await only(DELETED, EVENTS.toReversed())).toEqual(await only(DELETED, EVENTS));
  });

  it('is readable at a terminal: candidates with reasons and evidence, and the next commands', async () => {
    const { output } = await overFiles(DELETED, EVENTS);
    expect(output).toContain('candidates: who may be behind it (never proven)\n  bob (IAM user)\n');
    expect(output).toContain(`evidence: bob-in-the-pod\n`);
    expect(output).toMatch(
      /\nnext\n {2}eks-whois records --namespace shop --object web-\S+ --cluster prod-1 .* --audit \S+ --cloudtrail \S+ --cluster-name prod-1\n/,
    );
  });

  it('has at most --limit entries in each list, counts the others, and keeps all candidates', async () => {
    const [whole] = (await answered(DELETED, EVENTS)).requests;
    const { output } = await overFiles(DELETED, EVENTS, ['--limit', '1', '-o', 'json']);
    const [request] = (JSON.parse(output) as ShownAnswer).requests;
    expect(request?.pod?.entries).toEqual(whole?.pod?.entries.slice(0, 1));
    const lists = [whole?.pod?.entries ?? [], whole?.pod?.changes ?? []];
    expect(request?.pod?.leftOut).toBe(lists.reduce((sum, { length }) => sum + Math.max(0, length - 1), 0));
    expect(request?.aws?.calls).toHaveLength(1);
    expect(request?.candidates).toEqual(whole?.candidates);
    expect((await overFiles(DELETED, EVENTS, ['--limit', '1'])).output).toContain('more are not shown');
  });

  it('has several lists, so that --fields is refused', async () => {
    const { status, errors } = await overFiles(DELETED, EVENTS, ['--fields', 'time,verb']);
    expect([status, errors]).toEqual([2, expect.stringContaining('several lists')]);
  });

  it('is shown escaped, whichever name somebody chose', async () => {
    const evil = '\u001b[2Jnobody\nnext\n  rm -rf';
    const exec = entry('evil', '11:10:00', 'bob', 'exec', { user: { ...person('bob'), username: evil } });
    const { output } = await overFiles(DELETED, [...EVENTS, exec]);
    expect(output).toContain('\\u001b[2Jnobody\\u000anext');
    expect(output).not.toContain('\u001b');
  });

  it('shows each request of an audit ID that was reused', async () => {
    const again = secretDeleted(DELETED, '07:00:00', person('mallory'));
    const { requests } = await answered(DELETED, [...EVENTS, again]);
    expect(requests.map(({ stages }) => stages[0]?.caller.username)).toEqual([
      'system:serviceaccount:shop:web',
      'mallory',
    ]);
    expect(requests.map(({ pod }) => pod?.uid)).toEqual([POD.uid, undefined]);
    expect(requests[1]?.candidates).toEqual([]);
  });

  it('shows the request around a time, of an audit ID that was reused', async () => {
    const again = secretDeleted(DELETED, '12:40:00', person('mallory'));
    const { output, errors } = await overFiles(DELETED, [...EVENTS, again], ['--at', '2026-03-10T12:08', '-o', 'json']);
    expect(errors).toMatch(/--at .*2026-03-10T12:08:00Z/);
    expect((JSON.parse(output) as ShownAnswer).requests.map(({ pod }) => pod?.uid)).toEqual([POD.uid]);
    expect((await overFiles(DELETED, EVENTS, ['--at', '2026-03-10T08:00:00Z'])).errors).toMatch(
      /have no audit event with this audit ID within five minutes of 2026-03-10T08:00:00Z/,
    );
  });

  it('ends with a sentence if no request has the audit ID', async () => {
    expect(await overFiles('unknown', EVENTS)).toMatchObject({
      status: 1,
      output: '',
      errors: expect.stringMatching(/^eks-whois: The files have no audit event with this audit ID\. .*\n$/),
    });
  });

  it('refuses standard input, which cannot be read twice, and only half of the files', async () => {
    const { audit } = written(EVENTS);
    expect((await runCommand(['related', DELETED, '--audit', '-', '--cloudtrail', audit], '')).status).toBe(2);
    expect((await runCommand(['related', DELETED, '--audit', audit])).status).toBe(2);
    expect(
      (await runCommand(['related', DELETED, '--audit', audit, '--cloudtrail', audit, '--table', 'x'])).status,
    ).toBe(2);
  });
});

/** Beside the story, a use of the token that Carol had issued, hours later. */
const STORED = [...EVENTS, secretDeleted('used-by-carol', '22:10:00', workload({ token: PERSONAL_TOKEN }))];

describe('what belongs to a request, from the tables', () => {
  beforeAll(async () => {
    const { audit, cloudtrail } = written(STORED);
    const files = ['--audit', audit, '--cloudtrail', cloudtrail, '--cluster-name', 'prod-1'];
    const loaded = await tables.run(['backfill', ...files, '--state', folder.at('state')]);
    expect(loaded.status).toBe(0);
  });

  async function ask(auditId = DELETED): Promise<ShownRequest> {
    const { cloudtrail } = written(EVENTS);
    const { output, errors } = await tables.run(['related', auditId, '--cloudtrail', cloudtrail, '-o', 'json']);
    expect(errors).toBe('');
    const [request] = (JSON.parse(output) as ShownAnswer).requests;
    if (request === undefined) throw new Error('no request');
    return request;
  }

  tellsTheStory(() => ask());

  it('has the uses of a token that the request issued, as over files', async () => {
    const [stored, files] = [await ask('issued-to-carol'), await only('issued-to-carol', STORED)];
    expect(stored.tokenUses?.requests.map(({ auditId }) => auditId)).toEqual(['used-by-carol']);
    expect(stored.tokenUses).toEqual(files.tokenUses);
  });

  it('has what the pods of a created Deployment did, as over files', async () => {
    const [stored, files] = [await ask('created-deployment'), await only('created-deployment', STORED)];
    expect(stored.podUses?.requests.map(({ record, foundBy }) => [record.auditId, foundBy])).toContainEqual([
      DELETED,
      'uid',
    ]);
    expect(stored.podUses).toEqual(files.podUses);
  });

  it('is the same as over files, except for what only one of them knows', async () => {
    const [stored, files] = [await ask(), await only(DELETED, EVENTS)];
    expect(stored.candidates).toEqual(files.candidates);
    expect(stored.pod).toEqual(files.pod);
    expect(stored.session).toEqual(files.session);
    expect(stored.aws).toEqual(files.aws);
  });

  it('prints the next commands for these tables', async () => {
    const { output } = await tables.run(['related', DELETED]);
    expect(output).toMatch(/\nnext\n {2}eks-whois whois --audit-id secret-deleted --table eks-whois-test\n/);
    expect(output).toContain('AWS sessions and calls were not searched: the service does not show them.');
    const bob = `iam-user/${ACCOUNT}/${userId('bob')}`;
    expect(output).toMatch(
      new RegExp(` {2}eks-whois records --actor ${bob} --from \\S+ --to \\S+ --table eks-whois-test\\n`),
    );
  });

  it('ends with a sentence if no record has the audit ID', async () => {
    expect(await tables.run(['related', 'unknown'])).toMatchObject({
      status: 1,
      errors: 'eks-whois: The service has no record with this audit ID.\n',
    });
  });
});

describe('the owners that a pod names', () => {
  const at = (time: string) => ({ fields: { requestReceivedTimestamp: utc(time) } });
  const mallorys = { uid: 'pod-of-mallory', name: 'web-7d4b9c6f5-zzzzz' };
  const claimed = createEvent({
    ...mallorys,
    owners: [{ uid: 'replicaset', kind: 'ReplicaSet', name: 'web-7d4b9c6f5' }],
    user: person('mallory'),
    ...at('10:00:00'),
  });

  it("do not count if a person wrote them: the pod is its creator's", async () => {
    const deleted = secretDeleted('by-mallory', '12:10:00', workload({ pod: mallorys }));
    const request = await only('by-mallory', [...ORIGIN, claimed, deleted]);
    expect(names(request)).toEqual(['mallory']);
    expect(request.pod?.origin).toHaveLength(1);
    expect(request.pod?.origin[0]?.reason).toMatch(/only its creator says that its owner is ReplicaSet web-7d4b9c6f5/);
  });

  it('do not count if the controller creates for owners of another kind', async () => {
    const odd = createEvent({
      ...mallorys,
      owners: [{ uid: 'deployment', kind: 'Deployment', name: 'web' }],
      user: CONTROLLER('job-controller'),
      ...at('10:00:00'),
    });
    const deleted = secretDeleted('odd', '12:10:00', workload({ pod: mallorys }));
    expect(names(await only('odd', [...ORIGIN, odd, deleted]))).toEqual([]);
  });

  it('are found by name if no create of the workload was recorded: whoever changed it is listed, and the answer says so', async () => {
    const ofOther = request('of-another', '09:00:00', person('grace'), {
      verb: 'patch',
      requestURI: '/apis/apps/v1/namespaces/shop/deployments/api',
      objectRef: { resource: 'deployments', apiGroup: 'apps', namespace: 'shop', name: 'api', apiVersion: 'v1' },
    });
    const answer = await only(DELETED, [...EVENTS.filter((event) => !ORIGIN.includes(event)), ofOther]);
    expect(idsOf(answer.pod?.changes)).toEqual(['image-changed']);
    expect(answer.candidates.find(({ actor }) => actor?.name === 'erin')?.reasons).toEqual([
      'changed deployments/web, from which the pod was created (matched by name only), at 2026-03-10T09:00:00Z',
    ]);
    expect(names(answer)).not.toContain('grace');
  });

  it('are found by name if the controllers were not recorded, and the answer says so', async () => {
    const [deployment] = ORIGIN;
    if (deployment === undefined) throw new Error('no deployment');
    const request = await only(DELETED, [deployment, secretDeleted(DELETED, '12:10:00')]);
    expect(names(request)).toEqual(['alice']);
    expect(request.candidates[0]?.reasons).toEqual([
      'created the Deployment web, from which the pod was created (matched by name only)',
    ]);
    expect(request.pod?.origin[0]).toMatchObject({ kind: 'Deployment', foundBy: 'name' });
    expect(request.notKnown.join()).toMatch(/^No create request with the uid of the pod .* serviceAccounts=all/);
  });
});

describe('while a pod existed', () => {
  const podDeleted = (auditID: string, time: string) => ({
    ...secretDeleted(auditID, time, person('oscar')),
    requestURI: `/api/v1/namespaces/shop/pods/${POD.name}`,
    objectRef: { resource: 'pods', namespace: 'shop', name: POD.name, apiVersion: 'v1' },
  });

  const podCreated = (auditID: string, time: string, fields: JsonObject = {}) => ({
    ...podDeleted(auditID, time),
    verb: 'create',
    responseStatus: { code: 201 },
    ...fields,
  });
  const deleted = secretDeleted(DELETED, '12:10:00');
  const came = (pod: ShownRequest['pod']) =>
    pod?.entries.map(({ record, mayBeOfAnother }) => [record.auditId, mayBeOfAnother ?? false]);

  it('whoever entered a pod of its name before this one was created did not enter this one', async () => {
    const { pod } = await only(DELETED, [
      entry('in-an-earlier-pod', '10:00:00', 'frank'),
      podCreated('created', '10:30:00'),
      entry('in-this-pod', '11:00:00', 'bob'),
      deleted,
      podDeleted('deleted', '12:20:00'),
      podCreated('next-created', '12:21:00'),
      entry('in-the-next-pod', '12:30:00', 'dave'),
    ]);
    expect(came(pod)).toEqual([['in-this-pod', false]]);
    expect(pod).toMatchObject({ from: utc('10:30:00'), to: utc('12:20:00') });
    expect([pod?.fromReason, pod?.toReason]).toEqual([
      expect.stringMatching(/^Not earlier: a pod with its name was created then/),
      expect.stringMatching(/may have run on for its grace period/),
    ]);
  });

  it('a delete of its name excludes nobody: it may be its own, and the pod then runs for a while', async () => {
    const request = await only(DELETED, [
      entry('before-the-delete', '11:00:00', 'frank'),
      podDeleted('deleted-gracefully', '12:09:50'),
      entry('behind-the-delete', '12:09:55', 'bob'),
      deleted,
      podDeleted('deleted-again', '12:20:00'),
      entry('later', '12:30:00', 'dave'),
    ]);
    expect(came(request.pod)).toEqual([
      ['later', true],
      ['behind-the-delete', false],
      ['before-the-delete', true],
    ]);
    expect(names(request)).toEqual(['bob', 'frank']);
    expect(request.candidates[1]?.reasons[0]).toMatch(/; it may have been an earlier pod with this name$/);
    expect(request.pod?.from).toBeUndefined();
    expect(request.pod?.fromReason).toMatch(/deleted at 2026-03-10T12:09:50Z: this one, which then ran on/);
  });

  it('an eviction counts as a delete', async () => {
    const evicted = podCreated('evicted', '11:30:00', {
      objectRef: { resource: 'pods', namespace: 'shop', name: POD.name, subresource: 'eviction', apiVersion: 'v1' },
    });
    const { pod } = await only(DELETED, [entry('before', '11:00:00', 'frank'), evicted, deleted]);
    expect(came(pod)).toEqual([['before', true]]);
  });

  it('a create of its name that was refused, a dry run, without a response, or just before excludes nobody', async () => {
    const { pod } = await only(DELETED, [
      entry('before', '10:00:00', 'frank'),
      podCreated('refused', '10:30:00', { responseStatus: { code: 409 } }),
      podCreated('tried', '10:31:00', { requestURI: '/api/v1/namespaces/shop/pods?dryRun=All' }),
      podCreated('unanswered', '10:32:00', { responseStatus: undefined, stage: 'RequestReceived' }),
      podCreated('just-before', '12:09:00'),
      deleted,
    ]);
    expect(came(pod)).toEqual([['before', true]]);
    expect(pod?.from).toBeUndefined();
  });

  it('a create that is dated later than the request excludes nobody', async () => {
    const late = createEvent({ ...POD, fields: { requestReceivedTimestamp: utc('12:30:00') } });
    const { pod } = await only(DELETED, [entry('before', '11:00:00', 'bob'), deleted, late]);
    expect(came(pod)).toEqual([['before', false]]);
    expect(pod?.from).toBeUndefined();
  });

  it('known by its uid, it is the same pod from its create to the request, whatever was deleted in between', async () => {
    const { pod } = await only(DELETED, [
      entry('in-an-earlier-pod', '08:30:00', 'frank'),
      ...ORIGIN,
      entry('in-this-pod', '11:00:00', 'bob'),
      podDeleted('deleted-gracefully', '12:09:50'),
      deleted,
    ]);
    expect(came(pod)).toEqual([['in-this-pod', false]]);
    expect(pod?.fromReason).toBe('Created then: the response to its create request has this uid.');
  });
});

it('requests in a named cluster do not belong to a request that names none', async () => {
  const { audit, cloudtrail } = written([secretDeleted(DELETED, '12:10:00')]);
  const logEvents = [entry('elsewhere', '11:00:00', 'bob')].map((event) => ({ message: JSON.stringify(event) }));
  const group = { logGroup: '/aws/eks/prod-2/cluster', logStream: 'kube-apiserver-audit-1' };
  const other = folder.file('other.json', JSON.stringify({ messageType: 'DATA_MESSAGE', ...group, logEvents }));
  const files = ['--audit', audit, other, '--cloudtrail', cloudtrail];
  const entriesOf = async (more: readonly string[]) => {
    const { output } = await runCommand(['related', DELETED, ...files, '-o', 'json', ...more]);
    return (JSON.parse(output) as ShownAnswer).requests[0]?.pod?.entries.map(({ record }) => record.auditId);
  };
  expect(await entriesOf([])).toEqual([]);
  expect(await entriesOf(['--cluster-name', 'prod-2'])).toEqual(['elsewhere']);
});

describe('clusters of one name', () => {
  const inCluster = (account: string, event: JsonObject) =>
    auditPayload([event], 'prod', { extractedFields: { '@aws.account': account, '@aws.region': 'eu-west-1' } });

  it('stand with their accounts, so that two requests with one audit ID can be distinguished', async () => {
    const path = folder.file(
      'two-clusters.jsonl',
      ['111122223333', '999900001111']
        .map((account) => `${JSON.stringify(inCluster(account, secretDeleted('shared', '12:10:00')))}\n`)
        .join(''),
    );
    const { cloudtrail } = written([]);
    const { output } = await runCommand(['related', 'shared', '--audit', path, '--cloudtrail', cloudtrail]);
    expect(output).toMatch(
      /request 1 of 2 with this audit ID\n2026\S+ {2}prod \((\d{12})\) {2}delete secrets shop\/db/,
    );
    for (const account of ['111122223333', '999900001111'])
      expect(output).toContain(`  prod (${account})  delete secrets shop/db`);
  });

  it('have one pod each, and the next command asks for that cluster', async () => {
    const { output } = await tables.run(['related', DELETED]);
    expect(output).toMatch(/^2026\S+ {2}prod-1 {2}delete secrets shop\/db/);
    expect(output).toContain(`--namespace shop --object ${POD.name} --cluster prod-1 --from`);
  });
});

describe('an ambiguous request', () => {
  it('names the candidates at a terminal', async () => {
    const files = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
    const { output } = await runCommand(['related', '8f65cec3-47a1-4432-a4f8-b2c73888c48c', ...files]);
    expect(output).toMatch(
      /^2026-03-10T10:31:44\S+ {2}staging {2}delete .* \(ambiguous: may be ben\.okafor or ana\.silva\)/,
    );
  });
});

describe('sessions with one name', () => {
  const by = (id: string, time: string, options: RoleUserOptions) => request(id, time, roleUser(options));
  const events = [
    by('asked-about', '12:00:00', { key: KEY }),
    by('of-the-same-key', '12:01:00', { key: KEY }),
    by('of-another-key', '12:02:00', { key: ANOTHER_KEY }),
    by('of-no-key', '12:03:00', { key: null }),
  ];

  it('are separated by their access keys', async () => {
    const { session } = await only('asked-about', events);
    expect(session?.accessKeyId).toBe(KEY);
    expect(idsOf(session?.requests)).toEqual(['of-the-same-key']);
    expect(idsOf(session?.otherKeys)).toEqual(['of-another-key', 'of-no-key']);
  });

  it('are separated at a terminal, too', async () => {
    const { output } = await overFiles('asked-about', events);
    expect(output).toMatch(
      /with the access key ASIAALICESESSION0001 from .*\n.*\[of-the-same-key\]\n\nsame session name, another access key: another session, .*\n {2}ASIAANOTHERSESSION02 .*\[of-another-key\]\n {2}no access key .*\[of-no-key\]\n/,
    );
  });

  it('are one session if the request has no key', async () => {
    const { session, notKnown } = await only('of-no-key', events);
    expect(session?.accessKeyId).toBeUndefined();
    expect(idsOf(session?.requests)).toEqual(['of-another-key', 'of-the-same-key', 'asked-about']);
    expect(notKnown).toEqual([expect.stringMatching(/has no access key/)]);
  });
});

describe('a created pod', () => {
  const pod = { uid: 'pod-of-mallory', name: 'shell' };
  const other = { uid: 'other-pod', name: 'shell' };
  const fields = { requestReceivedTimestamp: utc('10:00:00'), auditID: 'created-pod' };
  const created = createEvent({ ...pod, user: person('mallory'), fields });
  const again = createEvent({ ...other, user: person('dave'), fields: { requestReceivedTimestamp: utc('13:00:00') } });
  const acted = [
    secretDeleted('late', '23:10:00', workload({ pod })),
    secretDeleted('early', '10:00:05', workload({ pod })),
    secretDeleted('by-another', '13:10:00', workload({ pod: other })),
    secretDeleted('by-web', '12:10:00'),
  ];
  const usesOf = ({ podUses }: ShownRequest) =>
    podUses?.requests.map(({ record, foundBy }) => [record.auditId, foundBy]);

  it('leads to what it did, however much later, and not to what another pod of its name did', async () => {
    const request = await only('created-pod', [created, again, ...acted]);
    expect(request.podUses).toMatchObject({ kind: 'Pod', namespace: 'shop', name: 'shell' });
    expect(usesOf(request)).toEqual([
      ['early', 'uid'],
      ['late', 'uid'],
    ]);
    expect(request.candidates).toEqual([]);
    const { output } = await overFiles('created-pod', [created, again, ...acted]);
    expect(output).toMatch(
      /^requests of the Pod shop\/shell that this request created \(anybody in the pod can have made them\)\n {2}\S+ {2}prod-1 {2}delete .*\[early\]\n.*\[late\]$/m,
    );
  });

  it('whose name Kubernetes generated is found by its uid', async () => {
    const { name: _, ...unnamed } = pod;
    const generated = createEvent({ ...unnamed, user: person('mallory'), fields });
    expect(usesOf(await only('created-pod', [generated, again, ...acted]))).toEqual([
      ['early', 'uid'],
      ['late', 'uid'],
    ]);
  });

  it('is found by its name, and says so, if no response has its uid', async () => {
    const { responseObject: _, ...bare } = created;
    expect(usesOf(await only('created-pod', [bare, again, ...acted]))).toEqual([
      ['early', 'name'],
      ['late', 'name'],
    ]);
  });

  it('by a Deployment, leads from the create request of the Deployment to what its pods did', async () => {
    const request = await only('created-deployment', [...ORIGIN, created, ...acted]);
    expect(request.podUses).toMatchObject({ kind: 'Deployment', name: 'web' });
    expect(usesOf(request)).toEqual([['by-web', 'uid']]);
    const { output } = await overFiles('created-deployment', [...ORIGIN, created, ...acted]);
    expect(output).toContain(`[by-web]  in the pod ${POD.name}`);
  });

  it('that was refused did nothing', async () => {
    const refused = { ...created, responseStatus: { code: 403 }, responseObject: undefined };
    expect((await only('created-pod', [refused, ...acted])).podUses).toBeUndefined();
  });
});

describe('a token', () => {
  const issued = EVENTS.filter(({ auditID }) => auditID === 'issued-to-carol');

  it('makes its holder a candidate if the token of the request is not known', async () => {
    const deleted = secretDeleted(DELETED, '12:10:00', workload({}));
    const request = await only(DELETED, [...issued, deleted]);
    expect(names(request)).toEqual(['carol']);
    expect(request.candidates[0]?.reasons[0]).toMatch(/which token this request used is not known$/);
    expect(request.notKnown.join()).toMatch(/does not state which pod made the request/);
  });

  it('has each person as its holder whom copies of the issuing event name', async () => {
    const copies = issued.flatMap((event) => [event, { ...event, user: person('dave') }]);
    for (const events of [copies, copies.toReversed()]) {
      const deleted = secretDeleted(DELETED, '12:10:00', workload({ token: PERSONAL_TOKEN }));
      const request = await only(DELETED, [...events, deleted]);
      expect(names(request).toSorted()).toEqual(['carol', 'dave']);
      expect(request.candidates[0]?.reasons[0]).toMatch(/^received the token that this request used/);
    }
  });

  const used = (auditID: string, at: string) => secretDeleted(auditID, at, workload({ token: PERSONAL_TOKEN }));
  const others = [
    secretDeleted('with-the-pods-token', '12:15:00'),
    secretDeleted('with-an-unknown-token', '12:16:00', workload({ token: 'JTI=00000000-0000-4000-8000-000000000003' })),
    secretDeleted('without-a-token', '12:17:00', workload({})),
  ];

  it('leads from the request that issued it to the requests with it, however much later', async () => {
    const events = [...EVENTS, used('used-late', '20:10:00'), used('used-early', '12:10:01'), ...others];
    const request = await only('issued-to-carol', events);
    expect(request.tokenUses).toMatchObject({ name: 'shop:web' });
    expect(request.tokenUses?.requests.map(({ auditId }) => auditId)).toEqual(['used-early', 'used-late']);
    const { output } = await overFiles('issued-to-carol', events);
    expect(output).toMatch(
      /^requests with the token of shop:web that this request issued\n {2}\S+ {2}prod-1 {2}delete .*\[used-early\]\n.*\[used-late\]$/m,
    );
  });

  it('of an unidentified caller leads to its uses too', async () => {
    const stranger = roleUser({ session: 'stranger', key: KEY });
    const events = [...issued.map((event) => ({ ...event, user: stranger })), used('used', '12:10:00'), ...others];
    const request = await only('issued-to-carol', events);
    expect(request.stages[0]?.attribution.status).toBe('unattributed');
    expect(request.tokenUses?.requests.map(({ auditId }) => auditId)).toEqual(['used']);
  });

  it('that a node requested has no searched uses, and a refused request issued none', async () => {
    const ofNode = await only('issued-to-kubelet', [...EVENTS, ...others]);
    expect(ofNode.tokenUses).toEqual({ name: 'shop:web', requests: [] });
    expect(ofNode.notKnown).toEqual(expect.arrayContaining([expect.stringContaining('are not searched')]));
    const refused = issued.map((event) => ({ ...event, responseStatus: { code: 403 } }));
    expect((await only('issued-to-carol', [...refused, used('used', '12:10:00')])).tokenUses).toBeUndefined();
  });

  it('makes its holder no candidate if it was issued after the request', async () => {
    const deleted = secretDeleted(DELETED, '11:10:00', workload({}));
    expect(names(await only(DELETED, [...issued, deleted]))).toEqual([]);
  });
});
