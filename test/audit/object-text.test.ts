import { expect, it } from 'vitest';
import { objectText } from '../../lib/audit/object-text.ts';
import { targetColumn } from '../../lib/words/columns.ts';

const DRY = '/api/v1/namespaces/shop/secrets/db?dryRun=All';

it.each([
  [
    { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
    'pods/exec shop/web-0',
    'shop/pods/exec web-0',
  ],
  [
    { verb: 'delete', resource: 'namespaces', namespace: 'sandbox', name: 'sandbox' },
    'namespaces sandbox',
    'namespaces sandbox',
  ],
  [
    { verb: 'get', resource: 'pods', namespace: 'sandbox', name: 'sandbox' },
    'pods sandbox/sandbox',
    'sandbox/pods sandbox',
  ],
  [
    { verb: 'delete', resource: 'secrets', namespace: 'shop', name: 'db', uri: DRY },
    'secrets shop/db (dry run)',
    'shop/secrets db (dry run)',
  ],
  [{ verb: 'get', resource: 'secrets', namespace: 'shop', name: 'db', uri: DRY }, 'secrets shop/db', 'shop/secrets db'],
  [{ verb: 'get', uri: '/version?x=1' }, '/version?x=1', '/version'],
])('the object of a request in words: %j', (request, text, column) => {
  expect([objectText(request), targetColumn({ request, action: undefined })]).toEqual([text, column]);
});
