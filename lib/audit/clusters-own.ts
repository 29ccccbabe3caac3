import { isAwsUid } from '../identity/uid.ts';
import type { AuditEvent } from './audit-event.ts';

type RequestSigns = Pick<AuditEvent, 'caller' | 'userAgent' | 'sourceIps'>;

/**
 * Returns whether the default filter (lib/identity/audit-filter.ts) leaves out the request, because Kubernetes or AWS
 * made it. The requests of kubelets do not count here.
 */
export function isClustersOwn({ caller, userAgent = '', sourceIps = [] }: RequestSigns): boolean {
  const { uid, username = '' } = caller;
  if (isAwsUid(uid) || username === 'eks:support-engineer') return false;
  if (username.startsWith('eks:') || username.startsWith('system:serviceaccount:')) return true;
  if (!username.startsWith('system:kube-') && username !== 'system:apiserver') return false;
  const [address = '', another] = sourceIps;
  if (another !== undefined) return false;
  if (address === '::1' || address.startsWith('127.')) return true;
  return userAgent.startsWith('kube-') && /^(?:10|172)\./.test(address);
}
