import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { knownCluster } from '../../cli/options/known-cluster.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { actionText } from '../../lib/audit/action.ts';
import { parseCaller } from '../../lib/audit/caller.ts';
import { knownSite } from '../../lib/audit/event-site.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import { originOf, originOfCopied } from '../../lib/envelopes/origin.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { JsonObject } from '../../lib/json.ts';
import { FirstUsesCollector } from '../../lib/usecases/activity/first-uses.ts';
import { attributedChanges } from '../../lib/usecases/changes/changes.ts';
import { lookupIn } from '../../lib/usecases/changes/file-changes.ts';
import { LAST_DAYS, lastDayWords } from '../anything/last-days.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser } from '../builders/audit-event.ts';
import { ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { piecesOf } from '../builders/pieces.ts';
import { awsService, iamUser, roleSession } from '../builders/trail-callers.ts';
import { eksCall, grant } from '../builders/trail-records.ts';
import { auditPayload, recordsOverFiles } from '../evidence/over-files.ts';
import { settingsOf } from '../evidence/settings.ts';
import { ALL, askedText, askedWords } from '../usecases/asked-world.ts';
import {
  ADDRESS,
  addressExample,
  addressWords,
  answerWords,
  describedExample,
} from '../usecases/described-examples.ts';
import { overFiles, overService } from '../usecases/pasted-world.ts';
import { countedFor, grantUnderCeiling } from './ceiling-worlds.ts';
import { answerLines, contractExamples } from './contract-examples.ts';
import {
  answeredTo,
  answerToLimited,
  gapsIn,
  overCeiling,
  seenBy,
  twoClusters,
  underCeiling,
} from './contract-worlds.ts';
import { documentOf, tableRows } from './document.ts';

const CONTRACT = documentOf('docs/contract.md');
const EXAMPLES = contractExamples(CONTRACT);

test.each(EXAMPLES.map((example) => [example.title, example] as const))('%s', (_, example) => {
  const shown = example.lines.filter(([label]) => ['Answer', 'Chain', 'Id'].includes(label)).map(([, text]) => text);
  expect(answerLines(example)).toEqual(shown);
});

test('the contract has an example of each rule that decides', () => {
  const rules = new Set(EXAMPLES.map(({ title }) => /^Example (\d+)[a-z]+: /.exec(title)?.[1]));
  expect([...rules]).toEqual(['2', '3', '4', '5', '6', '7', '8']);
});

test('Example 1a: kinds of callers', () => {
  const rows = tableRows(CONTRACT, 'uid').filter((row) => row.length === 3);
  expect(rows.length).toBeGreaterThan(0);
  for (const [uid, username, kind] of rows.map((row) => row.map((cell) => cell.replaceAll('`', ''))))
    expect(parseCaller({ uid, username }).kind, `${uid} ${username}`).toBe(kind);
});

test('Example 9a: where text comes from', () => {
  const rows = tableRows(CONTRACT, 'Example 9a: log group').map((row) => row.map((cell) => cell.replaceAll('`', '')));
  expect(rows).toHaveLength(4);
  for (const [group, stream, message = '', countsAs = ''] of rows) {
    const origin = originOf({ group, stream }, []);
    const counts = message === 'an audit event' ? origin.mayBeAudit : origin.mayBeTrail;
    expect(counts, group).toBe(!countsAs.startsWith('nothing'));
  }
});

test('Example 9d: documents of log collectors', () => {
  const rows = tableRows(CONTRACT, 'Example 9d (4): a document').map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );
  expect(rows).toHaveLength(7);
  const event = JSON.stringify(JSON.stringify(auditEvent()));
  for (const [document = '', countsAs = ''] of rows) {
    const value: unknown = JSON.parse(document.replaceAll('EVENT', () => event));
    const [, vouch] = /--log-group (\S+)/.exec(countsAs) ?? [];
    const [, cluster] = /event of (\w+)/.exec(countsAs) ?? [];
    const { audit } = piecesOf(value);
    expect(audit.length, document).toBe(vouch === undefined ? 1 : 0);
    if (cluster !== undefined) expect(audit[0]?.cluster).toBe(cluster);
    if (vouch !== undefined) expect(piecesOf(value, [parseCountedGroup(vouch)]).audit).toHaveLength(1);
  }
});

test('Example 10a: copies that agree, and copies that differ', async () => {
  const rows = tableRows(CONTRACT, 'Example 10a: an event').map((row) => row.map((cell) => cell.replaceAll('`', '')));
  expect(rows).toHaveLength(13);
  const settings = settingsOf({});
  for (const [event = '', copy = '', kept = '', flag = ''] of rows) {
    const audit = [event, copy].map((text) =>
      auditPayload([copyOf(text)], text.includes('another cluster') ? 'b' : 'a'),
    );
    const records = await recordsOverFiles({ audit, cloudtrail: [], settings });
    const all = [event, copy].map((text) => recordOf({ event: copyOf(text) }));
    const expected = { one: [all[0]], two: all, 'the first': [all[0]], 'the second': [all[1]] }[kept] ?? [];
    expect(records.map(statedIn), `${event} | ${copy}`).toEqual(expected.map((record) => record && statedIn(record)));
    const flagged = records.filter(({ attribution }) => attribution.flags.includes('conflicting-copies'));
    expect(flagged, `${event} | ${copy}`).toHaveLength(flag === 'both' ? 2 : 0);
  }
});

test('Example 10b: what is kept of a command', () => {
  const rows = tableRows(CONTRACT, 'Example 10b (4): a command').map((row) => row.map((cell) => cell.slice(1, -1)));
  expect(rows).toHaveLength(5);
  for (const [command = '', kept] of rows) {
    const words = [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const query = words.map((word) => `command=${encodeURIComponent(word)}`).join('&');
    const objectRef = { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' };
    const requestURI = `/api/v1/namespaces/shop/pods/web-0/exec?${query}`;
    const { action } = recordOf({ event: auditEvent({ objectRef, requestURI }) });
    expect(action?.command, command).toBe(kept);
  }
});

const BODIES: readonly JsonObject[] = [
  { objectRef: { apiGroup: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', name: 'b' } },
  { objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web' } },
  { objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0' } },
];

test('Example 10c: what is kept of a body', () => {
  const rows = tableRows(CONTRACT, 'Example 10c (4): a body').map((row) => row.map((cell) => cell.replaceAll('`', '')));
  expect(rows).toHaveLength(BODIES.length);
  for (const [at, [body = '', kept]] of rows.entries()) {
    const requestObject: unknown = JSON.parse(body);
    const record = recordOf({ event: auditEvent({ verb: 'create', ...BODIES[at], requestObject }) });
    expect(actionText(record.action), body).toBe(kept);
    expect(JSON.stringify(record)).not.toContain('eyJ');
  }
});

function copyOf(text: string): JsonObject {
  const [, verb] = /verb (\w+)/.exec(text) ?? [];
  const [, code] = /code (\d+)/.exec(text) ?? [];
  const [, resource, name] = /(pods|configmaps)(?: (\S+))?/.exec(text) ?? [];
  const object = resource === undefined ? {} : { objectRef: { resource, namespace: 'shop', name } };
  const fields = { responseStatus: code && { code: Number(code) }, userAgent: text, user: callerOf(text) };
  return auditEvent({ verb, ...fields, impersonatedUser: impersonatedOf(text), ...object });
}

/** Returns a caller without an ARN, with the session name and the role that the text states. */
function callerOf(text: string): JsonObject {
  const [, session] = /(?<!no )session name (\w+)/.exec(text) ?? [];
  const [, role] = /role (\w+)/.exec(text) ?? [];
  const extra = { sessionName: session && [session], canonicalArn: role && [`arn:aws:iam::111122223333:role/${role}`] };
  return { ...bareRoleUser('project-admin'), extra };
}

function impersonatedOf(text: string): JsonObject | undefined {
  const [, username] = /impersonates (\w+)/.exec(text) ?? [];
  const [, first] = /first user (\w+)/.exec(text) ?? [];
  if (username === undefined) return undefined;
  return { username, extra: first && { 'originaluser.jetstack.io-user': [first] } };
}

const statedIn = (record: object) => {
  const { request, response, caller, impersonated } = record as AuditRecord;
  const stated = [caller.sessionName, caller.canonicalArn, impersonated?.first?.username];
  return [request?.verb, response?.code, request?.resource, request?.name, ...stated];
};

test('Example 9b: which cluster', () => {
  const rows = tableRows(CONTRACT, 'Example 9b (4): log group').map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );
  expect(rows).toHaveLength(10);
  for (const [group, owner, region, system = '', key] of rows) {
    const from = originOf({ group, owner: owner || undefined, region: region || undefined }, []);
    const [account, of] = system.split(/, ?/).map((part) => part || undefined);
    const { site } = system === '' ? from : originOfCopied(from, { account, region: of });
    expect(clusterKeyOf(site), group).toBe(key);
  }
});

test('Example 9c: which cluster, by what the user says', () => {
  const rows = tableRows(CONTRACT, 'Example 9c (4): log group').map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );
  expect(rows).toHaveLength(9);
  for (const [group, owner, system = '', clusterArn = '', key] of rows) {
    const from = originOf({ group: group || undefined, owner: owner || undefined }, []);
    const [account, region] = system.split(', ');
    const { site } = system === '' ? from : originOfCopied(from, { account, region });
    const { leave: _notes, ...known } = knownCluster({ clusterArn });
    expect(clusterKeyOf(knownSite(site, known)), `${group} ${clusterArn}`).toBe(key);
  }
});

const withoutTicks = (row: readonly string[]) => row.map((cell) => cell.replaceAll('`', ''));

type Ask = (...question: [world: Parameters<typeof overFiles>[0], text: string]) => ReturnType<typeof overFiles>;

interface AskedTable {
  readonly example: string;
  readonly rows: readonly (readonly string[])[];
  readonly count: number;
  /** Returns the row as it is answered. */
  answered(ask: Ask, row: readonly string[]): Promise<readonly (string | undefined)[]>;
}

const ASKED_TABLES: readonly AskedTable[] = [
  {
    example: 'Example 12a: what a pasted text is answered with',
    rows: tableRows(CONTRACT, 'Example 12a (4): the text').map(withoutTicks),
    count: 31,
    async answered(ask, [text = '', log = '']) {
      const example = describedExample(text, log);
      return [text, log, answerWords(await ask(example.world, example.text))];
    },
  },
  {
    example: 'Example 12b: what a source IP is answered with',
    rows: tableRows(CONTRACT, 'Example 12b (4): in the log, from that IP'),
    count: 8,
    answered: async (ask, [log = '']) => [log, addressWords(await ask(addressExample(log), ADDRESS))],
  },
  {
    example: 'Example 12c: what a name without a time is answered with',
    rows: tableRows(CONTRACT, 'Example 12c (4): the name'),
    count: 8,
    answered: async (ask, [name = '', used]) => [name, used, lastDayWords(await ask(LAST_DAYS, name))],
  },
  {
    example: 'Example 12d: what a question and an event of Kubernetes are answered with',
    rows: tableRows(CONTRACT, 'Example 12d (4): the text'),
    count: 8,
    answered: async (ask, [text = '']) => [text, askedWords(await ask(ALL, askedText(text)))],
  },
];

describe.each(ASKED_TABLES)('$example', ({ rows, count, answered }) => {
  beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
  afterEach(() => void vi.restoreAllMocks());

  it.each([
    ['files', overFiles],
    ['service', overService],
  ])('over %s', async (_, ask) => {
    expect(rows).toHaveLength(count);
    const answers: (readonly (string | undefined)[])[] = [];
    for (const row of rows) answers.push(await answered(ask, row));
    expect(answers).toEqual(rows);
  });
});

test('rules are numbered without a gap, each once', () => {
  const numbers = [...CONTRACT.matchAll(/^- \*\*(\d+)\.(\d+)\*\*/gm)].map(([, section, rule]) => [section, rule]);
  const last = new Map<string | undefined, number>();
  for (const [section, rule] of numbers) {
    expect(Number(rule), `${section}.${rule}`).toBe((last.get(section) ?? 0) + 1);
    last.set(section, Number(rule));
  }
});

test('Example 13a: who made a change through the EKS API', async () => {
  const rows = tableRows(CONTRACT, 'Example 13a (4): the call is signed by').map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );
  expect(rows).toHaveLength(4);
  for (const [signer = '', known = '', madeBy = ''] of rows) {
    const grants = new KnownGrants();
    const issued = known === 'nothing' ? [] : [grant({ key: FIRST_KEY, session: 'same', by: iamUser('alice') })];
    const call = eksCall('CreateAccessEntry', {}, { userIdentity: signerOf(signer), eventTime: utc('12:05:00') });
    for (const record of [...issued, call]) {
      const facts = parseTrailRecord(record);
      if (typeof facts !== 'string') grants.add(facts);
    }
    const lookup = lookupIn({ known: grants, settings: DEFAULT_SETTINGS });
    const [change] = await attributedChanges(grants.clusterChanges(), lookup);
    expect(madeByWords(change?.attribution), signer).toBe(madeBy);
  }
});

const FIRST_KEY = 'ASIAFIRSTKEY00000001';
const KEYS: Readonly<Record<string, string>> = { K1: FIRST_KEY, K2: 'ASIASECONDKEY0000001' };

/** Returns the `userIdentity` of a signer in the words of the example. */
function signerOf(words: string): JsonObject {
  const [, name = ''] = /access key (K\d)/.exec(words) ?? [];
  const key = KEYS[name];
  if (key !== undefined) return roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'same', key });
  return words.includes('AWS') ? awsService('x.amazonaws.com') : iamUser('alice');
}

function madeByWords({ actor, method, reason }: Partial<AuditRecord['attribution']> = {}): string {
  if (actor !== undefined) return `${actor.name}, by ${method}`;
  return reason === undefined ? 'nobody' : `nobody: ${reason}`;
}

test('Example 11a: what somebody uses for the first time', () => {
  const rows = tableRows(CONTRACT, "Example 11a (4): the actor's requests, in order of time");
  expect(rows).toHaveLength(5);
  for (const [used = '', begin = '', firstUses] of rows) {
    const collector = new FirstUsesCollector();
    for (const [at, ip] of used.split(', ').entries()) {
      const event = auditEvent({ sourceIPs: [ip], requestReceivedTimestamp: utc(`12:0${at}:00`) });
      if (at + 1 >= Number(begin)) collector.add(recordOf({ event }));
      else collector.addEarlier(recordOf({ event }));
    }
    const { listed } = collector.result({ isComplete: true });
    expect(listed.map(({ value }) => value).join(', ') || 'none', used).toBe(firstUses);
  }
});

test('Example 10d: what a ceiling leaves out', async () => {
  const rows = tableRows(CONTRACT, 'Example 10d (4): an event, with a ceiling of 100');
  expect(rows).toHaveLength(8);
  for (const [event = '', records = '', handedOver = '', result] of rows)
    expect(await underCeiling(event, records, handedOver), `${event}, ${records}, ${handedOver}`).toBe(result);
});

test('Example 10e: what a delivery that another account hands over counts for', async () => {
  const rows = tableRows(CONTRACT, 'Example 10e (4): a delivery that another account hands over');
  expect(rows).toHaveLength(15);
  for (const [handedOver = '', counts] of rows) expect(await countedFor(handedOver), handedOver).toBe(counts);
});

test('Example 10f: which grants a ceiling leaves out', async () => {
  const rows = tableRows(CONTRACT, 'Example 10f (4): with a ceiling of 100, a grant of an account');
  expect(rows).toHaveLength(6);
  for (const [how = '', records = '', events = '', is] of rows)
    expect(await grantUnderCeiling(how, records, events), `${how}, ${records}, ${events}`).toBe(is);
});

test('Example 13b: which clusters a claim shows', () => {
  const rows = tableRows(CONTRACT, 'Example 13b (4): the claim').map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );
  const clusters = [
    'sees `prod` of account 111122223333',
    'sees `prod` of account 444455556666',
    'sees `staging` of account 111122223333',
  ];
  expect(CONTRACT).toContain(`| Example 13b (4): the claim | ${clusters.join(' | ')} |`);
  expect(rows).toHaveLength(10);
  for (const [claim = '', ...seen] of rows)
    expect(
      clusters.map((of) => seenBy(claim, of)),
      claim,
    ).toEqual(seen);
});

test('Example 13c: the answers to somebody who may see one cluster only', async () => {
  const rows = tableRows(
    CONTRACT,
    'Example 13c (4): who may see mine only asks, while bob acted in secret and carol in both',
  );
  expect(rows).toHaveLength(13);
  const ask = await twoClusters();
  for (const [question = '', answer] of rows)
    expect(await answerToLimited(question.replaceAll('`', ''), ask), question).toBe(answer);
});

test('Example 13d: the header and the cursors of somebody who may see some clusters only', async () => {
  const rows = tableRows(CONTRACT, 'Example 13d (4): clusters of a token').map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );
  expect(rows).toHaveLength(3);
  for (const [claim = '', ...answer] of rows) expect(await answeredTo(claim), claim).toEqual(answer);
});

test('Example 13e: what an answer says that a ceiling left out', async () => {
  const rows = tableRows(
    CONTRACT,
    'Example 13e (4): reads of account 444455556666 were left out from 10:00 on 10 March on',
  );
  expect(rows).toHaveLength(10);
  const ask = await overCeiling();
  for (const [question = '', gaps] of rows)
    expect(await gapsIn(question.replaceAll('`', ''), ask), question).toBe(gaps);
});
