import type { RecordedCaller } from '../../../lib/attribution/record.ts';
import { sessionOf } from '../../../lib/claims/identity.ts';

/** The cluster's own have no session, and are no person's. */
const OWN = /^(?:kubernetes-(?:system|node)|eks-service)$/;

/**
 * What the records of a caller's session are asked for by: its access key, as the name of a session can be several people's;
 * undefined for the cluster's own.
 */
export function sessionOfCaller(caller: RecordedCaller): string | undefined {
  if (OWN.test(caller.kind) && caller.roleId === undefined) return undefined;
  return caller.accessKeyId ?? sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) });
}
