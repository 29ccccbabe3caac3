import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { FIELD_NAMES, type FieldName, flawOf, matcherOf } from '../../lib/usecases/query/filter.ts';
import { bareRoleUser, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, OTHER_ACCOUNT, ROLE_ARN, ROLE_ID, ROLE_NAME } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { awsService, iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from '../contract/stored-record.ts';

const alices = [grant({ id: 'alice-grant', until: '2026-03-10T23:00:00Z' })];
const shared = ['dave', 'erin'].map((name) =>
  grant({ id: name, session: 'shared-name-01', key: `ASIA${name.toUpperCase()}SESSION0001`, by: iamUser(name) }),
);

const fields = (more: object) => ({
  objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', apiVersion: 'v1', ...more },
});

/** Alice deletes the pod web-0 in shop, from 198.51.100.7. */
const alice = storedRecord({}, alices).record;
const exec = storedRecord({ ...fields({ subresource: 'exec' }), verb: 'create' }, alices).record;
const scale = storedRecord(fields({ resource: 'deployments', apiGroup: 'apps', subresource: 'scale' }), alices).record;
const node = storedRecord({ objectRef: { resource: 'nodes', name: 'node-1' }, responseStatus: { code: 403 } }).record;
const evil = storedRecord(fields({ resource: 'no', apiGroup: 'evil.io' }), alices).record;
const url = storedRecord({ objectRef: undefined, requestURI: '/healthz', responseStatus: undefined }).record;
const ambiguous = storedRecord({ user: bareRoleUser('shared-name-01') }, shared).record;
const bare = storedRecord({ user: bareRoleUser('somebody'), sourceIPs: ['2001:db8::7', '::ffff:10.1.2.3'] }).record;
const system = storedRecord({ user: { username: 'system:kube-scheduler' } }, [], 'staging').record;
/** A user of another account, with a role of this one. */
const visitor = storedRecord({}, [
  grant({ id: 'visit', until: '2026-03-10T23:00:00Z', by: iamUser('vera', { accountId: OTHER_ACCOUNT }) }),
]).record;

/** Returns a service that acts for a workload. */
const workload = (service: string, session: string) =>
  storedRecord({ user: roleUser({ session }) }, [grant({ id: session, session, by: awsService(service) })]).record;
const instance = workload('ec2.amazonaws.com', 'i-0abc0abc0abc0abc0');
const lambda = workload('lambda.amazonaws.com', 'alice');

describe('each filter of a question', () => {
  /** A field, a value, records that are meant by it, and others that are not. */
  const table: readonly (readonly [FieldName, string, readonly AuditRecord[], readonly AuditRecord[]])[] = [
    ['actor', 'alice', [alice], [node, ambiguous]],
    ['actor', `arn:aws:iam::${ACCOUNT}:user/alice`, [alice], [node]],
    ['actor', 'alic', [], [alice]],
    ['actor', 'Alice', [], [alice]],
    ['actor', 'dave', [], [ambiguous]],
    ['actor', 'alice', [], [lambda]],
    ['actor', 'lambda.amazonaws.com (alice)', [lambda], [alice]],
    ['actor', 'ec2.amazonaws.com', [instance], [lambda]],
    ['actor', 'i-0abc0abc0abc0abc0', [instance], [lambda]],
    ['candidate', 'dave', [ambiguous], [alice]],
    ['candidate', 'alice', [], [alice, ambiguous]],
    ['account', ACCOUNT, [alice, ambiguous, instance, bare], [system, visitor]],
    ['account', OTHER_ACCOUNT, [visitor], [alice, instance]],
    ['role', ROLE_NAME, [alice, node], [system]],
    ['role', ROLE_ID, [alice, bare], [system]],
    ['role', ROLE_ARN, [alice], [system]],
    ['role', ROLE_ARN.replace('role/', 'role/a/path/'), [alice], []],
    ['role', ROLE_ARN.replace(ACCOUNT, '999999999999'), [], [alice]],
    ['role', `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/anybody`, [alice], []],
    ['role', ROLE_NAME.slice(0, -1), [], [alice]],
    ['session', `${ROLE_ID}:alice-session`, [alice], [bare, system]],
    ['session', `${ROLE_ID}:alice`, [], [alice]],
    ['session', 'alice-session', [alice], [bare, system]],
    ['session', `${ROLE_ID} somebody`, [bare], [alice]],
    ['session', KEY, [alice], [bare]],
    ['key', KEY, [alice], [bare, system]],
    ['key', ANOTHER_KEY, [], [alice]],
    ['username', 'system:kube-scheduler', [system], [alice]],
    ['username', String(alice.caller.username), [alice], [system]],
    ['username', 'system:kube', [], [system]],
    ['cluster', 'prod-1', [alice], [system]],
    ['cluster', 'prod', [], [alice]],
    ['namespace', 'shop', [alice, exec], [node, url]],
    ['namespace', '-', [node, url], [alice]],
    ['resource', 'pods', [alice], [exec, scale, url]],
    ['resource', 'pods/exec', [exec], [alice]],
    ['resource', 'pods/*', [exec], [alice, scale]],
    ['resource', '*/scale', [scale], [exec]],
    ['resource', '*', [alice, exec, scale, node], [url]],
    ['resource', 'deployments.apps/scale', [scale], [exec]],
    ['resource', 'deployments.batch/scale', [], [scale]],
    ['resource', 'pod', [alice], [exec, scale]],
    ['resource', 'po', [alice], [exec, scale]],
    ['resource', 'Pod/exec', [exec], [alice]],
    ['resource', 'deploy.apps/scale', [scale], [exec]],
    ['resource', 'node', [node], [alice]],
    ['resource', 'po.apps', [], [alice, scale]],
    ['resource', 'no.evil.io', [evil], [node, alice]],
    ['resource', 'widget', [], [alice]],
    ['object', 'web-0', [alice, exec], [node, url]],
    ['object', 'web', [], [alice]],
    ['object', 'web-*', [alice, exec, scale], [node, url]],
    ['object', '*', [alice, node], [url]],
    ['verb', 'DELETE', [alice], [exec]],
    ['code', '200', [alice], [node, url]],
    ['code', '2xx', [alice], [node, url]],
    ['code', '4XX', [node], [alice]],
    ['ip', '198.51.100.7', [alice], [bare]],
    ['ip', '198.51.100.0/24', [alice], [bare]],
    ['ip', '198.51.100.8', [], [alice]],
    ['ip', '10.0.0.0/8', [bare], [alice]],
    ['ip', '2001:DB8::/32', [bare], [alice]],
    ['userAgent', 'KUBECTL', [alice], []],
    ['userAgent', 'curl', [], [alice]],
    ['status', 'attributed', [alice], [node]],
    ['status', 'system', [system], [alice]],
    ['status', 'pending', [node], [alice]],
    ['flag', 'name-chosen-by-caller', [], [alice]],
    ['method', 'access-key', [alice], [node, ambiguous]],
    ['auditId', alice.auditId, [alice], []],
    ['auditId', 'another', [], [alice]],
  ];

  it.each(table.map(([name, value, meant, others]) => [`${name} ${value}`, name, value, meant, others] as const))(
    '%s',
    (_says, name, value, meant, others) => {
      const [isMeant, isLeft] = [asking({ [name]: value }), asking({ [`not${capital(name)}`]: value })].map(
        ({ filter }) => matcherOf(filter),
      );
      for (const record of meant) expect([isMeant?.(record), isLeft?.(record)]).toEqual([true, false]);
      for (const record of others) expect([isMeant?.(record), isLeft?.(record)]).toEqual([false, true]);
    },
  );

  it('is tested here', () => {
    expect([...new Set(table.map(([name]) => name))].toSorted()).toEqual([...FIELD_NAMES].toSorted());
  });

  it.each([
    ['ingress', 'ingresses'],
    ['storageclass', 'storageclasses'],
    ['networkpolicy', 'networkpolicies'],
    ['ep', 'endpoints'],
    ['endpoints', 'endpoints'],
    ['svc/proxy', 'services/proxy'],
    ['Widget', 'Widget'],
    ['*/exec', '*/exec'],
    ['constructor', 'constructor'],
  ])('accepts the resource %s, like kubectl, for %s', (written, meant) => {
    expect(asking({ resource: written }).filter.resource).toEqual({ any: [meant] });
  });

  it('matches any of its values, and different filters combine with AND', () => {
    const meant = (parameters: Parameters<typeof asking>[0]) => {
      const isMeant = matcherOf(asking(parameters).filter);
      return [alice, exec, node].filter(isMeant);
    };
    expect(meant({ verb: ['delete', 'create'] })).toEqual([alice, exec, node]);
    expect(meant({ verb: ['delete', 'create'], namespace: 'shop' })).toEqual([alice, exec]);
    expect(meant({ verb: ['delete', 'create'], notNamespace: 'shop' })).toEqual([node]);
    expect(meant({ notVerb: ['delete', 'create'] })).toEqual([]);
    expect(meant({ verb: 'delete', notVerb: 'delete' })).toEqual([]);
    expect(meant({ notStatus: 'pending', noSystem: 'true' })).toEqual([alice, exec]);
  });

  it('without system requests, still matches an anonymous caller that was let in', () => {
    const user = { username: 'system:anonymous' };
    const by = (code: number) => storedRecord({ user, responseStatus: { code } }).record;
    const isMeant = matcherOf(asking({ noSystem: 'true' }).filter);
    expect([by(200), by(403), system].map(isMeant)).toEqual([true, false, false]);
  });

  it('finds a session by the name that was read from its username', () => {
    const learnt = storedRecord({ user: roleUser() }, alices).record;
    expect(matcherOf(asking({ session: `${ROLE_ID}:alice-session` }).filter)(learnt)).toBe(true);
  });

  it.each<[FieldName, readonly string[], readonly string[]]>([
    [
      'session',
      [KEY, `${ROLE_ID}:bob`, `${ACCOUNT}:bob`, `${ROLE_ID} bob`, 'AIDAALICE00000000001', 'bob'],
      ['two words', ':bob', ROLE_ID],
    ],
    ['key', [KEY, 'AKIAALICE00000000001'], ['REDACTED', 'ASIASHORT']],
    ['resource', ['pods', 'pods/exec', '*', '*/scale', 'deployments.apps'], ['pods/', '/exec', 'a/b/c', 'two words']],
    ['code', ['200', '4xx', '5XX'], ['20', '4x', '600', 'xxx', '2000']],
    ['ip', ['10.0.0.1', '10.0.0.0/8', '::1', 'fe80::/10'], ['10.0.0', '10', '10.0.0.0/33', 'host', '10.0.0.0/-1']],
    ['status', ['attributed', 'pending'], ['Attributed', 'nameless']],
    ['flag', ['impersonation'], ['flag']],
    ['method', ['access-key'], ['key']],
  ])('reports what is wrong with a value of %s', (name, right, wrong) => {
    for (const value of right) expect(flawOf(name, value), value).toBeUndefined();
    for (const value of wrong) expect(flawOf(name, value), value).toMatch(/^(?:Did you mean .+\? )?Give .+\.$/);
  });
});

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
