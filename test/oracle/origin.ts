import { type JsonObject, object, text } from './json.ts';

/** Where text comes from: what an envelope of CloudWatch Logs says itself decides what its content may be. */
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
  return envelope.messages.map((event) => ({ event, cluster }));
}

export function openTrail(raw: unknown, notice: Notice): JsonObject[] {
  const envelope = logEnvelope(raw);
  if (!envelope) return objects([raw]);
  if (TRAIL_STREAM.test(envelope.stream) && !NO_TRAIL_GROUP.test(envelope.group)) return envelope.messages;
  notice('no CloudTrail record: another log group or stream');
  return [];
}

type LogEnvelope = { readonly group: string; readonly stream: string; readonly messages: JsonObject[] };

function logEnvelope(raw: unknown): LogEnvelope | undefined {
  const envelope = object(raw);
  if (!envelope || !Array.isArray(envelope.logEvents)) return undefined;
  return {
    group: text(envelope.logGroup) ?? '',
    stream: text(envelope.logStream) ?? '',
    messages: objects(envelope.logEvents).flatMap(({ message }) => objects([JSON.parse(text(message) ?? 'null')])),
  };
}

function objects(values: readonly unknown[]): JsonObject[] {
  return values.map((value) => object(value)).filter((value) => value !== undefined);
}
