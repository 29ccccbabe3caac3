import { type JsonObject, object, text } from './json.ts';

/** The log groups of EKS. The envelope of CloudWatch Logs itself decides what its content may be. */
const AUDIT_GROUP = /^\/aws\/eks\/([^/]+)\/cluster$/;
const AUDIT_STREAM = /^kube-apiserver-audit-/;
const TRAIL_STREAM = /^(?:[^_]+_)?\d{12}_CloudTrail_[a-z0-9-]+(?:_\d+)?$/;
const NO_TRAIL_GROUP = /^\/aws\/(?:lambda|eks|containerinsights)\//;

type Notice = (word: string) => void;

export function openAudit(raw: unknown, notice: Notice): { event: JsonObject; cluster?: string }[] {
  const envelope = logEnvelope(raw);
  if (!envelope) return objects([raw]).map((event) => ({ event }));
  const [, cluster] = AUDIT_GROUP.exec(envelope.group) ?? [];
  if (cluster === undefined || !AUDIT_STREAM.test(envelope.stream)) {
    notice('no audit event: another log group or stream');
    return [];
  }
  return envelope.messages.map(({ content, home }) => ({ event: content, cluster: keyed(cluster, home) }));
}

/** Returns the key of rule 9.10: the ARN if account and Region are known, else the name, after the account if that is known. */
function keyed(name: string, { account, region }: Home): string {
  if (account === undefined) return name;
  return region === undefined ? `${account}/${name}` : `arn:aws:eks:${region}:${account}:cluster/${name}`;
}

export function openTrail(raw: unknown, notice: Notice): JsonObject[] {
  const envelope = logEnvelope(raw);
  if (!envelope) return objects([raw]);
  if (TRAIL_STREAM.test(envelope.stream) && !NO_TRAIL_GROUP.test(envelope.group)) {
    return envelope.messages.map(({ content }) => content);
  }
  notice('no CloudTrail record: another log group or stream');
  return [];
}

/** The account and the Region by rule 9.8: those that the subscription added to the message, else the log group's owner. */
type Home = { readonly account: string | undefined; readonly region: string | undefined };
type LogMessage = { readonly content: JsonObject; readonly home: Home };
type LogEnvelope = { readonly group: string; readonly stream: string; readonly messages: readonly LogMessage[] };

function logEnvelope(raw: unknown): LogEnvelope | undefined {
  const envelope = object(raw);
  if (!envelope || !Array.isArray(envelope.logEvents)) return undefined;
  return {
    group: text(envelope.logGroup) ?? '',
    stream: text(envelope.logStream) ?? '',
    messages: objects(envelope.logEvents).flatMap(({ message, extractedFields }) => {
      const fields = object(extractedFields);
      const added = { account: text(fields?.['@aws.account']), region: text(fields?.['@aws.region']) };
      const isAdded = added.account !== undefined || added.region !== undefined;
      const home = isAdded ? added : { account: text(envelope.owner), region: undefined };
      return objects([JSON.parse(text(message) ?? 'null')]).map((content) => ({ content, home }));
    }),
  };
}

function objects(values: readonly unknown[]): JsonObject[] {
  return values.map((value) => object(value)).filter((value) => value !== undefined);
}
