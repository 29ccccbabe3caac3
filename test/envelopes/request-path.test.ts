import { expect, it } from 'vitest';
import { requestedResource } from '../../lib/envelopes/security-lake/request-path.ts';

it.each([
  ['/api/v1/namespaces/shop/pods/web-0/exec?command=sh', 'exec'],
  ['/api/v1/namespaces/shop/pods/web-0/proxy/metrics/cadvisor', 'proxy'],
  ['/api/v1/nodes/ip-192-0-2-1.ec2.internal/proxy/run/shop/web-0/web', 'proxy'],
  ['/api/v1/namespaces/shop/pods/web-0', undefined],
])('the subresource of %s is %s, as the API server reads it', (uri, subresource) => {
  expect(requestedResource(uri)?.subresource).toBe(subresource);
});
