import { isJsonObject, type JsonObject, objectAt, textAt } from '../../json.ts';
import { auditEventOf } from './audit.ts';
import { type LakeTrailRecord, trailRecordOf } from './trail.ts';

/** What an event of Security Lake is, as CloudTrail or the API server had written it. */
export type LakeEvent =
  | { readonly kind: 'audit'; readonly event: JsonObject }
  | ({ readonly kind: 'trail' } & LakeTrailRecord)
  /** Of another product: VPC flow logs, findings and the like. */
  | { readonly kind: 'other' };

const CLOUDTRAIL = 'CloudTrail';
const EKS = 'Amazon EKS';

/**
 * Turns an OCSF event as Security Lake stores it back into a CloudTrail record or an audit event, whatever its class
 * (CloudTrail's are API Activity 6003, Authentication 3002 or Account Change 3001). Undefined where it is no OCSF event.
 *
 * Trust: Security Lake writes it from what AWS's services hand to it; who may write to its bucket can put anything there,
 * as with a trail's.
 * Source: github.com/ocsf/examples, mappings/markdown/AWS, v1.1.0 (Security Lake's source version 2) and v1.5.0.
 */
export function lakeEvent(row: unknown): LakeEvent | undefined {
  if (!isJsonObject(row)) return undefined;
  const product = objectAt(objectAt(row, 'metadata'), 'product');
  const name = textAt(product, 'name');
  if (name === CLOUDTRAIL) return { kind: 'trail', ...trailRecordOf(row) };
  if (name === EKS) return { kind: 'audit', event: auditEventOf(row) };
  return product === undefined ? undefined : { kind: 'other' };
}
