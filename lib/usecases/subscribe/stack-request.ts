import { isJsonObject, type JsonObject, objectAt, textAt, textsAt } from '../../json.ts';

/**
 * CloudFormation's request about the custom resource of a stack (CloudFormation User Guide, "Custom resource request
 * and response reference").
 */
export interface StackRequest {
  readonly type: string;
  /** A presigned URL of S3. Whoever has it can answer in our place, so it is never logged. */
  readonly responseUrl: string;
  /** The fields that the answer must repeat. */
  readonly ids: { readonly StackId: string; readonly RequestId: string; readonly LogicalResourceId: string };
  readonly physicalResourceId: string | undefined;
  /** The clusters whose filters are resources of the stack itself. */
  readonly listed: readonly string[];
}

/** Returns the request. Undefined if the event does not come from CloudFormation, or has no URL to answer to. */
export function parseStackRequest(event: JsonObject): StackRequest | undefined {
  const [type, responseUrl] = [textAt(event, 'RequestType'), textAt(event, 'ResponseURL')];
  if (type === undefined || responseUrl === undefined) return undefined;
  const textOf = (name: string) => textAt(event, name) ?? '';
  const properties = objectAt(event, 'ResourceProperties');
  return {
    type,
    responseUrl,
    ids: {
      StackId: textOf('StackId'),
      RequestId: textOf('RequestId'),
      LogicalResourceId: textOf('LogicalResourceId'),
    },
    physicalResourceId: textAt(event, 'PhysicalResourceId'),
    listed: textsAt(properties, 'ListedClusters') ?? [],
  };
}

/** Returns whether CloudFormation sent the event. Only its events have this field. */
export function isOfCloudFormation(event: unknown): event is JsonObject {
  return isJsonObject(event) && 'RequestType' in event;
}

/** The maximum length of the reason. CloudFormation accepts 4,096 bytes, and the other fields take up to 1,600. */
const LONGEST_REASON = 2_000;

/**
 * Returns the body of the answer. It always reports success, because a failure would keep a stack that somebody wants
 * to delete (docs/decisions/0042).
 * @param usualId the ID of the resource, if CloudFormation does not know one yet.
 * @param reason what stays behind. CloudFormation shows it in the stack's events.
 */
export function stackAnswer({ ids, physicalResourceId }: StackRequest, usualId: string, reason: string): string {
  return JSON.stringify({
    Status: 'SUCCESS',
    Reason: ascii(reason).slice(0, LONGEST_REASON),
    // A new ID would replace the resource. CloudFormation would then delete the previous one.
    PhysicalResourceId: physicalResourceId ?? usualId,
    ...ids,
  });
}

/** Returns the text without characters that take more than one byte in JSON. */
function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]|["\\]/g, "'");
}
