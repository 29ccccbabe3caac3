import type { AuditRecord } from '../../../attribution/record.ts';
import { type ClusterFields, clusterKeyOf, senderOf } from '../../../identity/cluster.ts';
import { inTurns } from '../../../turns.ts';

/** The place of an object: its cluster and its namespace. */
export interface ObjectPlace extends ClusterFields {
  readonly namespace: string;
}

/** A place where requests were made, and the type of their objects. */
export interface RequestPlace extends ObjectPlace {
  readonly resource?: string | undefined;
}

/** Returns the places where the requests were made, without repeated ones. The accounts that sent the requests take turns. */
export function placesOf(records: readonly AuditRecord[]): readonly RequestPlace[] {
  const places = new Map<string, RequestPlace & { readonly sender: string | undefined }>();
  for (const record of records) {
    const { cluster, clusterArn, accountId, origin, request: { namespace, resource } = {} } = record;
    if (namespace === undefined) continue;
    const sender = senderOf(record);
    const key = JSON.stringify([sender, clusterKeyOf(record), namespace, resource]);
    places.set(key, { cluster, clusterArn, accountId, origin, namespace, resource, sender });
  }
  return inTurns([...places.values()], ({ sender }) => [sender]);
}
