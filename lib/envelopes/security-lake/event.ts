import { isJsonObject, type JsonObject, objectAt, textAt } from '../../json.ts';
import { auditEventOf } from './audit.ts';
import { type LakeTrailRecord, trailRecordOf } from './trail.ts';

/** An event of Security Lake, in the form in which CloudTrail or the API server wrote it. */
export type LakeEvent =
  | { readonly kind: 'audit'; readonly event: JsonObject }
  | ({ readonly kind: 'trail' } & LakeTrailRecord)
  /** An event of another product, such as VPC flow logs or findings. */
  | { readonly kind: 'other' };

const CLOUDTRAIL = 'CloudTrail';
const EKS = 'Amazon EKS';

/**
 * Converts an OCSF event of Security Lake back to a CloudTrail record or an audit event, whatever its class is.
 * CloudTrail's classes are API Activity 6003, Authentication 3002 and Account Change 3001. Undefined if it is no OCSF
 * event.
 * Trust: Security Lake writes it from the data of AWS's services. As with a trail's bucket, anybody who may write to
 * its bucket can put anything there. Source: github.com/ocsf/examples, mappings/markdown/AWS, v1.1.0 (Security Lake's
 * source version 2) and v1.5.0.
 */
export function lakeEvent(row: unknown): LakeEvent | undefined {
  if (!isJsonObject(row)) return undefined;
  const product = objectAt(objectAt(row, 'metadata'), 'product');
  const name = textAt(product, 'name');
  if (name === CLOUDTRAIL) return { kind: 'trail', ...trailRecordOf(row) };
  if (name === EKS) return { kind: 'audit', event: auditEventOf(row) };
  return product === undefined ? undefined : { kind: 'other' };
}
