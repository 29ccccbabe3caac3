import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { ActivityCollector } from '../../lib/usecases/activity/activity.ts';
import { DeletionsCollector, deletedStep } from '../../lib/usecases/incident/deletions.ts';
import { nextSteps } from '../../lib/usecases/incident/next-steps.ts';
import type { OthersOnRole, ReportedChange, Section } from '../../lib/usecases/incident/report.ts';
import { restoreSteps } from '../../lib/usecases/incident/restore-steps.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';

const NOW = epochMillis(Date.parse(utc('12:30:00')));
const RBAC = 'rbac.authorization.k8s.io';
const ROLE = 'arn:aws:iam::111122223333:role/team/admin';
const ATTRIBUTION: Attribution = {
  status: 'attributed',
  method: 'access-key',
  provisional: false,
  flags: [],
  actor: identified({ kind: 'identity-center-user', name: 'emma' }),
  chain: [],
};
const SECTION: Section = {
  standing: 'actor',
  actor: ATTRIBUTION.actor,
  attribution: ATTRIBUTION,
  chain: [],
  role: ROLE,
  sessions: [],
  sessionsLeft: 0,
};

/** Returns the section of somebody who made these requests, one a minute, to the cluster `prod`. */
function sectionOf(...events: readonly JsonObject[]): Section {
  const activity = new ActivityCollector();
  for (const [at, event] of events.entries()) {
    const requestReceivedTimestamp = utc(`12:${String(at).padStart(2, '0')}:00`);
    const made = auditEvent({ responseStatus: { code: 201 }, requestReceivedTimestamp, ...event });
    activity.add({ ...recordOf({ event: made }), cluster: 'prod' });
  }
  return { ...SECTION, activity: activity.result({ isComplete: true, examined: events.length }) };
}

function request(verb: string, resource: string, of: JsonObject, more: JsonObject = {}): JsonObject {
  const [kind = '', subresource] = resource.split('/');
  const apiGroup = kind.includes('role') ? RBAC : '';
  const objectRef = { apiGroup, resource: kind, subresource, ...of };
  return { verb, objectRef, requestURI: `/${resource}`, ...more };
}

const BODY = {
  roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'User', name: 'eve' }],
};
const binding = (verb = 'create', more: JsonObject = {}) =>
  request(verb, 'clusterrolebindings', { name: 'eve-admin' }, { requestObject: BODY, ...more });

const stepsOf = (section: Section, others: readonly OthersOnRole[] = []) => nextSteps([section], NOW, { others });
const commandsOf = (section: Section) =>
  stepsOf(section)
    .flatMap(({ command }) => command ?? [])
    .filter((command) => command.startsWith('kubectl'));

describe('what to do next', () => {
  it('about a binding that somebody else deleted says so, and advises no deletion', () => {
    const deleted = { cluster: 'prod', resource: 'clusterrolebindings', namespace: undefined, name: 'eve-admin' };
    const stepsWith = (time: string) =>
      nextSteps([sectionOf(binding())], NOW, {
        ifDeleted: (...of) => deletedStep([{ ...deleted, time: utc(time), by: 'alice' }], ...of),
      });
    const [step] = stepsWith('12:20:00').filter(({ title }) => title.includes('eve-admin'));
    expect(step?.title).toBe(
      `Nothing to delete: the clusterrolebinding eve-admin in the cluster prod, which was created at ${utc('12:00:00')} (ClusterRole/cluster-admin to User/eve), was deleted at ${utc('12:20:00')} by alice`,
    );
    expect(step?.command).toBe('kubectl get clusterrolebinding eve-admin --ignore-not-found');
    expect(stepsWith('11:20:00').some(({ title }) => title.startsWith('Delete the clusterrolebinding'))).toBe(true);
  });

  it('about a binding that somebody deleted only as a dry run still advises its deletion', () => {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/eve-admin';
    const deletedBy = (requestURI: string) => {
      const deletions = new DeletionsCollector([sectionOf(binding()).activity], NOW);
      const event = { requestURI, requestReceivedTimestamp: utc('12:20:00'), responseStatus: { code: 200 } };
      const deleted = recordOf({ event: auditEvent(binding('delete', event)) });
      deletions.queries[0]?.take({ ...deleted, cluster: 'prod' });
      return deletions.result().map(({ name }) => name);
    };
    expect([deletedBy(path), deletedBy(`${path}?dryRun=All`)]).toEqual([['eve-admin'], []]);
  });

  it('closes the way in first, then undoes bindings, tokens and pods, and ends with secrets to rotate', () => {
    const token = request('create', 'serviceaccounts/token', { namespace: 'shop', name: 'ci' });
    const pod = request('create', 'pods', { namespace: 'shop', name: 'miner' });
    const secret = request('get', 'secrets', { namespace: 'shop', name: 'db' }, { responseStatus: { code: 200 } });
    const change = {
      eventName: 'CreateAccessEntry',
      cluster: 'prod',
      principalArn: 'arn:aws:iam::111122223333:user/eve',
      time: utc('12:10:00'),
      by: 'emma',
    } as unknown as ReportedChange;
    const steps = nextSteps([sectionOf(secret, pod, token, binding())], NOW, { changes: [change] });
    const order = [
      'Remove access',
      'Disable',
      'Revoke',
      'access entry',
      'eve-admin',
      'shop/ci',
      'what the pod',
      'Remove the pod',
      'secret',
    ];
    expect(order.map((word) => steps.findIndex(({ title }) => title.includes(word)))).toEqual(order.map((_, at) => at));
  });

  it('is to delete a binding that was created, and says what it gives to whom', () => {
    const [step] = stepsOf(sectionOf(binding())).filter(({ title }) => title.includes('eve-admin'));
    expect(step?.title).toBe(
      `Delete the clusterrolebinding eve-admin in the cluster prod, which was created at ${utc('12:00:00')}: ClusterRole/cluster-admin to User/eve`,
    );
    expect(step?.command).toBe('kubectl delete clusterrolebinding eve-admin');
    expect(step?.caution).toContain('check that it is prod');
  });

  it('is to look at a binding, a role or aws-auth that was changed', () => {
    const awsAuth = request('patch', 'configmaps', { namespace: 'kube-system', name: 'aws-auth' });
    const role = request('create', 'roles', { namespace: 'shop', name: 'all' });
    expect(commandsOf(sectionOf(binding('patch'), role, awsAuth))).toEqual([
      'kubectl get clusterrolebinding -o yaml eve-admin',
      'kubectl -n shop get role -o yaml all',
      'kubectl -n kube-system get configmap -o yaml aws-auth',
    ]);
  });

  it('is nothing for what was refused, deleted again, or has no name that kubectl could take', () => {
    const refused = binding('create', { responseStatus: { code: 409 } });
    const strange = request('create', 'rolebindings', { namespace: '--all', name: 'x' });
    const nameless = request('create', 'pods', { namespace: 'shop' });
    expect(commandsOf(sectionOf(refused, strange, nameless))).toEqual([]);
    expect(commandsOf(sectionOf(binding(), binding('delete', { responseStatus: { code: 200 } })))).toEqual([]);
    const again = sectionOf(binding(), binding('delete', { responseStatus: { code: 200 } }), binding());
    expect(commandsOf(again)).toEqual(['kubectl delete clusterrolebinding eve-admin']);
  });

  it('writes names so that a shell and kubectl read them as names', () => {
    const [command] = commandsOf(sectionOf(request('create', 'clusterrolebindings', { name: '--all;id' })));
    expect(command).toBe("kubectl delete clusterrolebinding -- '--all;id'");
  });

  it('is to remove pods and workloads that were created, and pods with a container that was added', () => {
    const pod = request('create', 'pods', { namespace: 'shop', name: 'miner' });
    const jobs = request('create', 'cronjobs', { apiGroup: 'batch', namespace: 'shop', name: 'nightly' });
    const debug = request(
      'patch',
      'pods/ephemeralcontainers',
      { namespace: 'shop', name: 'web-0' },
      { responseStatus: { code: 200 } },
    );
    expect(commandsOf(sectionOf(pod, jobs, debug))).toEqual([
      'kubectl -n shop delete pod miner',
      'kubectl -n shop delete cronjob nightly',
      'kubectl -n shop delete pod web-0',
    ]);
  });

  it('is to find what created pods did before they are removed, also if they are gone', () => {
    const pod = request('create', 'pods', { namespace: 'shop', name: 'miner' });
    const deleted = request('delete', 'pods', { namespace: 'shop', name: 'miner' }, { responseStatus: { code: 200 } });
    for (const section of [sectionOf(pod), sectionOf(pod, deleted)]) {
      const steps = stepsOf(section);
      const [found, ...others] = steps.filter(({ title }) => title.includes('what the pod shop/miner'));
      expect(others).toEqual([]);
      expect(found?.command).toMatch(/^eks-whois related \S+$/);
      expect(found?.title).toMatch(/^Find what the pod shop\/miner in the cluster prod did, which was created at /);
      expect(steps[steps.length - 1]).toBe(
        section.activity?.grave.some(({ kind }) => kind === 'delete')
          ? found
          : steps.find(({ title }) => title.startsWith('Remove the pod')),
      );
    }
  });

  it('is to check workloads that were changed, and to go back to a revision that is stated', () => {
    const changed = (verb: string, resource: string, name = 'web', code = 200) =>
      request(verb, resource, { apiGroup: 'apps', namespace: 'shop', name }, { responseStatus: { code } });
    const section = sectionOf(
      changed('patch', 'deployments'),
      changed('update', 'deployments'),
      changed('update', 'cronjobs', 'nightly'),
      changed('patch', 'statefulsets', 'refused', 409),
    );
    expect(commandsOf(section)).toEqual([
      'kubectl -n shop rollout history deployment web',
      'kubectl -n shop get cronjob -o yaml nightly',
    ]);
    const [step] = stepsOf(section).filter(({ title }) => title.startsWith('Check the deployment shop/web'));
    expect(step?.effect).toContain('kubectl -n shop rollout undo --to-revision=N deployment web');
    expect(step?.caution).toContain('rollout undo without --to-revision brings the change back');
    const own = [changed('create', 'deployments', 'web', 201), changed('patch', 'deployments')];
    expect(commandsOf(sectionOf(...own))).toEqual(['kubectl -n shop delete deployment web']);
    expect(commandsOf(sectionOf(changed('patch', 'deployments'), changed('delete', 'deployments')))).toEqual([]);
  });

  it('is to rotate the secrets that were read, one step for each cluster', () => {
    const read = (of: JsonObject) => request('get', 'secrets', of, { responseStatus: { code: 200 } });
    const section = sectionOf(read({ namespace: 'shop', name: 'db' }), read({ namespace: 'bank' }), read({}));
    expect(stepsOf(section).map(({ title }) => title)).toContain(
      'Rotate the secrets that were read in the cluster prod: shop/db, all of the namespace bank, all of the cluster',
    );
  });

  it('is to restore what was deleted, except what was refused or the same person had created', () => {
    const removed = (verb: string, resource: string, of: JsonObject, more: JsonObject = {}) =>
      request(verb, resource, of, { responseStatus: { code: 200 }, ...more });
    const section = sectionOf(
      request('create', 'pods', { namespace: 'shop', name: 'own' }),
      removed('delete', 'pods', { namespace: 'shop', name: 'own' }),
      removed('delete', 'deployments', { namespace: 'shop', name: 'checkout', apiGroup: 'apps' }),
      removed('deletecollection', 'configmaps', { namespace: 'shop' }),
      removed('delete', 'namespaces', { namespace: 'sandbox', name: 'sandbox' }),
      removed('delete', 'services', { namespace: 'shop', name: 'refused' }, { responseStatus: { code: 404 } }),
    );
    const [step, ...others] = restoreSteps({ activity: section.activity, condition: '' });
    expect(others).toEqual([]);
    expect(step?.title).toBe(
      'Restore what was deleted in the cluster prod: deployments shop/checkout, all configmaps of the namespace shop, namespaces sandbox',
    );
    expect(step?.effect).toContain('The audit log does not contain the deleted objects.');
    const created = sectionOf(request('create', 'pods', { namespace: 'shop', name: 'web' }));
    expect(restoreSteps({ activity: created.activity, condition: '' })).toEqual([]);
    expect(restoreSteps({ activity: section.activity, condition: 'If it was emma: ' })[0]?.title).toMatch(
      /^If it was emma: Restore/,
    );
  });

  it('says until when issued tokens are valid', () => {
    const token = (spec: JsonObject) =>
      request('create', 'serviceaccounts/token', { namespace: 'shop', name: 'web' }, { requestObject: { spec } });
    const doesOf = (...events: JsonObject[]) =>
      stepsOf(sectionOf(...events)).find(({ title }) => title.startsWith('End the tokens'))?.effect;
    expect(doesOf(token({ expirationSeconds: 7_200 }))).toContain(
      `The token that was issued in this time range is valid until ${utc('14:00:00')}.`,
    );
    expect(doesOf(token({ expirationSeconds: 600 }), token({ expirationSeconds: 900 }))).toContain(
      `The 2 tokens that were issued in this time range expired at ${utc('12:16:00')} at the latest.`,
    );
    expect(doesOf(token({}))).toMatch(/^For one token, the log does not say until when it is valid\. All its tokens/);
  });

  it('names who else used the role whose sessions are revoked', () => {
    const row = { status: 'attributed' as const, mayBeReportedActor: false, requests: 1, auditId: 'a' };
    const callers = ['iam-user ben', 'iam-user cara'].map((who) => ({ ...row, actors: [who] }));
    const others = [{ role: ROLE, requests: 2, callers, left: 0, isComplete: true, examined: 2 }];
    const step = stepsOf(SECTION, others).find(({ title }) => title.startsWith('Revoke the sessions'));
    expect(step?.caution).toContain('these used the role in clusters: IAM user ben, IAM user cara.');
  });

  it('is to find the owner of a key that no known grant issued', () => {
    const unknown = { ...ATTRIBUTION, status: 'unattributed', reason: 'access-key-not-seen', flags: [] } as const;
    const attribution: Attribution = { status: unknown.status, reason: unknown.reason, flags: [], provisional: false };
    const stranger = { ...SECTION, standing: 'session' as const, actor: undefined, attribution };
    const commandOf = (session: string) => stepsOf({ ...stranger, session, role: undefined })[0]?.command;
    expect(commandOf('ASIASTRANGER00000001')).toBe('aws sts get-access-key-info --access-key-id ASIASTRANGER00000001');
    expect(commandOf('AKIASTRANGER00000001')).toContain('aws iam get-access-key-last-used');
  });

  it('says that it is not all, if there is more than steps or than the report lists', () => {
    const many = Array.from({ length: 25 }, (_, at) =>
      request('create', 'pods', { namespace: 'shop', name: `p-${at}` }),
    );
    const steps = stepsOf(sectionOf(...many)).filter(({ title }) => title.startsWith('Remove the pod'));
    expect(steps).toHaveLength(5);
    expect(steps.at(-1)?.caution).toContain('There are more than these steps: 15 of the requests above have none.');
  });

  it('is conditional for one of several candidates', () => {
    const section: Section = { ...sectionOf(binding()), standing: 'candidate' };
    expect(stepsOf(section).map(({ title }) => title)).toContainEqual(
      expect.stringMatching(/^If it was emma: Delete the clusterrolebinding eve-admin/),
    );
  });
});
