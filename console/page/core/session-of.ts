import type { RecordedCaller } from '../../../lib/attribution/record.ts';
import { sessionOf } from '../../../lib/claims/identity.ts';

/** The cluster's own have no session, and are no person's. */
const OWN = /^(?:kubernetes-(?:system|node)|eks-service)$/;

/** What the records of a caller's session are asked for by; undefined for the cluster's own. */
export function sessionOfCaller(caller: RecordedCaller): string | undefined {
  if (OWN.test(caller.kind) && caller.roleId === undefined) return undefined;
  const session = sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) });
  return session ?? caller.accessKeyId;
}
