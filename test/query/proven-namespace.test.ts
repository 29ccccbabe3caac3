import { expect, it } from 'vitest';
import { provesNamespace } from '../../lib/claims/proven-namespace.ts';

const request = (verb: string, code: number, more = {}) =>
  provesNamespace({ request: { verb, namespace: 'shop', ...more }, response: { code } });

it.each(['get', 'create', 'update', 'patch', 'delete'])(
  'a %s that succeeds proves that its namespace exists',
  (verb) => {
    expect(request(verb, 200)).toBe(true);
    expect(request(verb, 201)).toBe(true);
  },
);

it.each(['list', 'watch', 'deletecollection'])('a %s succeeds in any namespace, and proves nothing', (verb) => {
  expect(request(verb, 200)).toBe(false);
});

it('a request that is denied, not found or not answered yet proves nothing', () => {
  for (const code of [101, 301, 401, 403, 404, 409, 500]) expect(request('get', code)).toBe(false);
  expect(provesNamespace({ request: { verb: 'get', namespace: 'shop' } })).toBe(false);
});

it('the question whether somebody may do something is answered for every name', () => {
  const review = { apiGroup: 'authorization.k8s.io', resource: 'localsubjectaccessreviews' };
  expect(request('create', 201, review)).toBe(false);
});

it("an API of another server may answer for every name: only the API server's own groups prove anything", () => {
  for (const apiGroup of ['', 'apps', 'batch', 'rbac.authorization.k8s.io', 'coordination.k8s.io'])
    expect(request('get', 200, { apiGroup })).toBe(true);
  for (const apiGroup of ['custom.metrics.k8s.io', 'metrics.k8s.io', 'example.org', 'projectcalico.org'])
    for (const verb of ['get', 'create']) expect(request(verb, 200, { apiGroup, resource: 'pods' })).toBe(false);
});
