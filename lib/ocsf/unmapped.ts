import type { AuditRecord } from '../attribution/record.ts';

/**
 * Returns the fields that the schema lacks, under the record's own names. They have the whole caller as the event
 * states it.
 * Every value is a text, and lists are JSON. So the field is always a `map<string,string>` in Parquet.
 */
export function unmappedOf(record: AuditRecord): Readonly<Record<string, string>> {
  const { action, attribution, caller, impersonated, authorization, source, origin } = record;
  const { status, method, provisional, reason, flags, actor } = attribution;
  return {
    ...texts('', { stage: record.stage, cluster: record.cluster, clusterArn: record.clusterArn }),
    ...texts('origin.', origin),
    ...texts('attribution.', { status, method, provisional, reason, flags }),
    ...texts('attribution.actor.', actor),
    ...texts('caller.', caller),
    ...texts('impersonated.', impersonated),
    ...texts('action.', action),
    ...texts('authorization.', { reason: authorization?.reason }),
    ...texts('source.', { ips: source?.ips }),
  };
}

function texts(prefix: string, fields: object | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields ?? {})) {
    const text = textOf(value);
    if (text !== undefined) result[prefix + name] = text;
  }
  return result;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
