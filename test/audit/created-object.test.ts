import { describe, expect, it } from 'vitest';
import { type CreatedObject, createdObjectOf, mostCredibleFirst } from '../../lib/audit/created-object.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { createEvent } from '../builders/workloads.ts';

function createdBy(event: JsonObject): CreatedObject | undefined {
  const parsed = parseAuditEvent(event);
  if (typeof parsed === 'string') throw new Error(parsed);
  return createdObjectOf(parsed, { cluster: 'prod-1' });
}

const OWNER = { uid: 'replicaset-uid', kind: 'ReplicaSet', name: 'web-7d4b9c6f5' };

describe('the object that a request created', () => {
  it('has uid and owners from the response body, and nothing else', () => {
    const event = createEvent({ resource: 'pods', uid: 'pod-uid', owners: [OWNER] });
    expect(createdBy(event)).toMatchObject({
      kind: 'Pod',
      uid: 'pod-uid',
      owners: [OWNER],
      clusterKey: 'name:prod-1',
      namespace: 'shop',
    });
    expect(JSON.stringify(parseAuditEvent(event))).not.toMatch(/secret-value|apiVersion|controller/);
  });

  it('is known for each kind that pods come from, and for no other', () => {
    const kinds = {
      pods: ['', 'Pod'],
      replicasets: ['apps', 'ReplicaSet'],
      deployments: ['apps', 'Deployment'],
      statefulsets: ['apps', 'StatefulSet'],
      daemonsets: ['apps', 'DaemonSet'],
      jobs: ['batch', 'Job'],
      cronjobs: ['batch', 'CronJob'],
    };
    for (const [resource, [apiGroup, kind]] of Object.entries(kinds))
      expect(createdBy(createEvent({ resource, apiGroup }))?.kind).toBe(kind);
    expect(createdBy(createEvent({ resource: 'configmaps', apiGroup: '' }))).toBeUndefined();
    expect(createdBy(createEvent({ resource: 'pods', apiGroup: 'metrics.k8s.io' }))).toBeUndefined();
    expect(createdBy(createEvent({ subresource: 'eviction' }))).toBeUndefined();
  });

  it('is present if a patch or an update was answered with 201, not if it changed an existing object', () => {
    expect(createdBy(createEvent({ verb: 'patch', code: 201 }))?.uid).toBe('uid');
    expect(createdBy(createEvent({ verb: 'patch', code: 200 }))).toBeUndefined();
    expect(createdBy(createEvent({ verb: 'get', code: 201 }))).toBeUndefined();
  });

  it('is absent for a denied request, a dry run, or an event without the body', () => {
    expect(createdBy(createEvent({ code: 403 }))).toBeUndefined();
    expect(createdBy(createEvent({ code: undefined }))).toBeUndefined();
    expect(createdBy(createEvent({ uri: '/api/v1/namespaces/shop/pods?fieldManager=k&dryRun=All' }))).toBeUndefined();
    expect(createdBy({ ...createEvent({}), responseObject: undefined })).toBeUndefined();
    expect(createdBy(auditEvent())).toBeUndefined();
  });

  it('has texts no longer than Kubernetes allows, however long the body is', () => {
    const owners = Array.from({ length: 5_000 }, (_, at) => ({ ...OWNER, uid: `owner-${at}` }));
    expect(createdBy(createEvent({ owners }))?.owners.map(({ uid }) => uid)).toEqual([
      'owner-0',
      'owner-1',
      'owner-2',
      'owner-3',
    ]);
    expect(createdBy(createEvent({ uid: 'u'.repeat(65) }))).toBeUndefined();
    expect(createdBy(createEvent({ owners: [{ ...OWNER, name: 'n'.repeat(254) }] }))?.owners).toEqual([]);
    expect(createdBy(createEvent({ owners: [7, null, { uid: 'only' }] }))?.owners).toEqual([]);
  });

  it("is taken from one's own stack before another's, then from the earliest event", () => {
    const own = createdBy(createEvent({}));
    if (own === undefined) throw new Error('nothing created');
    const earlier = { ...own, createdAt: (own.createdAt - 1) as CreatedObject['createdAt'] };
    const handedOver = { ...earlier, handedOverBy: '444455556666' };
    expect([handedOver, own, earlier].toSorted(mostCredibleFirst)).toEqual([earlier, own, handedOver]);
  });
});
