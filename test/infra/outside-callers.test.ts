import { describe, expect, it } from 'vitest';
import { subscriptionsOf } from '../../infra/subscriptions.ts';
import { isClustersOwn } from '../../lib/audit/clusters-own.ts';
import { parseFilterPattern } from '../../lib/doctor/filter-pattern.ts';
import { auditFilterPattern, CONTROL_PLANE, SERVICE_ACCOUNTS } from '../../lib/identity/audit-filter.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parsedEvent } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { deployed } from '../functions/deployed.ts';
import { CORPORA, recordsIn } from './corpus.ts';
import { parseLogFilterPattern } from './log-filter-pattern.ts';
import { isWanted, ONLY_PEOPLE } from './wanted.ts';

/** Returns whether the deployed filter lets the event pass, by both meanings of `!=` for a missing field and by doctor. */
function passes(event: JsonObject, given: JsonObject = {}): boolean {
  const { tests, doctors } = filterOf(JSON.stringify(given));
  const message = JSON.stringify(event);
  const answers = [true, false].map((absent) => tests.matches(message, absent));
  expect([...answers, doctors?.(message)], message).toEqual(Array(3).fill(answers[0]));
  return answers[0] === true;
}

const filterOf = once((given: string) => {
  const [subscription] = subscriptionsOf(deployed({ clusters: 'prod', ...(JSON.parse(given) as JsonObject) }));
  const pattern = subscription?.filterPattern ?? '';
  return { tests: parseLogFilterPattern(pattern), doctors: parseFilterPattern(pattern) };
});

function once<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const known = made.get(text) ?? make(text);
    made.set(text, known);
    return known;
  };
}

const by = (username: string, sourceIPs: readonly string[], userAgent: string, more: JsonObject = {}) =>
  auditEvent({ user: { username, groups: ['system:authenticated'] }, sourceIPs, userAgent, ...more });

const SCHEDULER = 'kube-scheduler/v1.24.13 (linux/amd64) kubernetes/6305d65/scheduler';
const KUBECTL = 'kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9';

describe('the subscription as deployed by default', () => {
  it.each([
    ['nobody', { username: 'system:anonymous', groups: ['system:unauthenticated'] }],
    ['whose authentication failed', {}],
    ['a bootstrap token', { username: 'system:bootstrap:07401b', groups: ['system:bootstrappers'] }],
    ['a client certificate of system:masters', { username: 'system:admin', groups: ['system:masters'] }],
    ["a node's name without an AWS identity", { username: 'system:node:ip-10-0-0-1' }],
    ['a certificate with another name', { username: 'kubernetes-admin', groups: ['system:masters'] }],
  ])('passes %s, denied or not', (_, user) => {
    for (const code of [200, 401, 403])
      expect(passes(auditEvent({ user, userAgent: KUBECTL, responseStatus: { code } }))).toBe(true);
  });

  it.each([
    ['the scheduler', 'system:kube-scheduler', ['10.0.60.42'], SCHEDULER],
    ['the controller manager', 'system:kube-controller-manager', ['172.16.33.7'], 'kube-controller-manager/v1.33.1'],
    ['the API server itself', 'system:apiserver', ['::1'], 'kube-apiserver/v1.33.1 (linux/amd64)'],
    ['the API server itself, by another agent', 'system:apiserver', ['127.0.0.1'], 'Go-http-client/2.0'],
    ['a component of EKS', 'eks:k8s-metrics', ['172.16.33.233'], 'eks-k8s-metrics/v0.0.0'],
    ['a service account', 'system:serviceaccount:kube-system:coredns', ['10.0.1.7'], 'coredns/1.11'],
    ['a kubelet', 'system:node:ip-10-0-0-1', ['10.0.1.7'], 'kubelet/v1.33.1 (linux/amd64)'],
  ])('does not pass %s', (_, username, ips, agent) => {
    expect(passes(by(username, ips, agent))).toBe(false);
  });

  it.each([
    ['from an address of the Internet', ['203.0.113.9'], SCHEDULER],
    ['with a forged first address', ['127.0.0.1', '203.0.113.9'], SCHEDULER],
    ["with another program, from the cluster's own network", ['10.0.1.7'], KUBECTL],
    ['from an address that AWS was not seen to use', ['192.168.3.75'], SCHEDULER],
  ])('passes the name of the scheduler, used %s', (_, ips, agent) => {
    expect(passes(by('system:kube-scheduler', ips, agent))).toBe(true);
    expect(passes(by('system:kube-scheduler', ips, agent), { controlPlane: 'none' })).toBe(false);
  });
});

it('events by AWS’s support engineers pass, whatever is configured for the control plane', () => {
  const support = by('eks:support-engineer', ['10.0.60.42'], KUBECTL);
  for (const controlPlane of CONTROL_PLANE) expect(passes(support, { controlPlane }), controlPlane).toBe(true);
});

it('with controlPlane=all, every event under the names of the control plane passes', () => {
  for (const username of ['system:kube-scheduler', 'system:apiserver', 'eks:node-manager'])
    expect(passes(by(username, ['10.0.60.42'], SCHEDULER), { controlPlane: 'all' })).toBe(true);
  const ofAccount = by('system:serviceaccount:kube-system:coredns', ['10.0.1.7'], 'coredns/1.11');
  expect(passes(ofAccount, { controlPlane: 'all' })).toBe(false);
});

it('each pattern that can be configured has at most 1,024 characters', () => {
  for (const nodeTraffic of [true, false])
    for (const serviceAccounts of SERVICE_ACCOUNTS)
      for (const controlPlane of CONTROL_PLANE)
        expect(auditFilterPattern({ nodeTraffic, serviceAccounts, controlPlane }).length).toBeLessThanOrEqual(1_024);
});

for (const { name, audit, skip } of CORPORA) {
  it.skipIf(skip)(
    `the filter passes the wanted callers of ${name} with every configuration, and so does backfill`,
    async () => {
      for (const event of (await recordsIn(audit)).audit) {
        if (event.user === undefined) continue;
        for (const controlPlane of CONTROL_PLANE)
          expect(passes(event, { controlPlane }), JSON.stringify(event).slice(0, 2_000)).toBe(
            isWanted(event, { ...ONLY_PEOPLE, controlPlane }),
          );
        if (isWanted(event, { ...ONLY_PEOPLE, nodes: true }) && event.impersonatedUser === undefined)
          expect(isClustersOwn(parsedEvent(event)), JSON.stringify(event).slice(0, 2_000)).toBe(false);
      }
    },
  );
}
