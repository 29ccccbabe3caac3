import { describe, expect, it } from 'vitest';
import { serviceAccountOf, serviceAccountText } from '../../lib/identity/service-account.ts';

describe("a service account's username", () => {
  it('has the namespace and the name', () => {
    expect(serviceAccountOf('system:serviceaccount:flux-system:kustomize-controller')).toEqual({
      namespace: 'flux-system',
      name: 'kustomize-controller',
    });
  });

  it('has its namespace before the first colon, whatever the name contains', () => {
    expect(serviceAccountOf('system:serviceaccount:shop:cart:x\ny')).toEqual({ namespace: 'shop', name: 'cart:x\ny' });
  });

  it.each([
    undefined,
    '',
    'system:serviceaccount:',
    'system:serviceaccount:shop',
    'system:serviceaccount:shop:',
    'system:serviceaccount::cart',
    'system:node:ip-10-0-0-1',
    'alice system:serviceaccount:shop:cart',
  ])('is not %s', (username) => expect(serviceAccountOf(username)).toBeUndefined());

  it('is written with namespace and name', () => {
    expect(serviceAccountText({ namespace: 'shop', name: 'cart' })).toBe('shop:cart');
  });
});
