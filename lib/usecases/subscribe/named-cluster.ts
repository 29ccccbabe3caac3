import { isJsonObject, objectAt, textAt } from '../../json.ts';

/** The cluster that an event of EventBridge's is about; no `name` where it is about none. */
export interface NamedCluster {
  readonly name?: string;
}

/** EKS API Reference, CreateCluster: 100 characters, of which none can end a path. */
const NAME = '[0-9A-Za-z][A-Za-z0-9_-]{0,99}';
const LOG_GROUP = new RegExp(`^/aws/eks/(${NAME})/cluster$`);
const ARN = new RegExp(`^arn:[a-z-]+:eks:[a-z0-9-]+:[0-9]{12}:cluster/(${NAME})$`);
const WHOLE = new RegExp(`^(${NAME})$`);

/**
 * What an event that CloudTrail logged names: whoever may make log groups chooses the name, which is asked for before it is
 * believed. Undefined of any other event, as a schedule's: it names none and means all.
 */
export function namedCluster(event: unknown): NamedCluster | undefined {
  const detail = isJsonObject(event) ? objectAt(event, 'detail') : undefined;
  if (textAt(detail, 'eventSource') === undefined) return undefined;
  const given = objectAt(detail, 'requestParameters');
  const [, name] =
    LOG_GROUP.exec(textAt(given, 'logGroupName') ?? '') ??
    ARN.exec(decoded(textAt(given, 'resourceArn') ?? '')) ??
    WHOLE.exec(textAt(given, 'name') ?? '') ??
    [];
  return name === undefined ? {} : { name };
}

/** An ARN in the path of a request is encoded (EKS API Reference, TagResource). */
function decoded(text: string): string {
  return text.replaceAll(/%3A/gi, ':').replaceAll(/%2F/gi, '/');
}
