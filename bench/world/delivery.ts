import { gzipSync } from 'node:zlib';

/** A delivery of a subscription with so many events, as CloudWatch Logs hands it over: base64 of gzip. */
export function deliveryOf(count: number, event: () => object): string {
  const logEvents = Array.from({ length: count }, (_, at) => ({
    id: String(at).padStart(56, '3'),
    timestamp: Date.UTC(2026, 2, 10),
    message: JSON.stringify(event()),
  }));
  const payload = {
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/aws/eks/prod-1/cluster',
    logStream: 'kube-apiserver-audit-5ad7e6c1f1e4b7b7bd37e5c0a1b2c3d4',
    subscriptionFilters: ['eks-whois'],
    logEvents,
  };
  return gzipSync(JSON.stringify(payload)).toString('base64');
}
