import type { AuditRecord } from '../attribution/record.ts';

/**
 * What the schema has no place for, the raw caller whole among it, under the record's own names. Every value is text (a
 * list is JSON), so that in Parquet it is a `map<string,string>` whatever the event.
 */
export function unmappedOf(record: AuditRecord): Readonly<Record<string, string>> {
  const { attribution, caller, impersonated, authorization, source } = record;
  const { status, method, provisional, reason, flags, actor } = attribution;
  return {
    ...texts('', { stage: record.stage, cluster: record.cluster }),
    ...texts('attribution.', { status, method, provisional, reason, flags }),
    ...texts('attribution.actor.', actor),
    ...texts('caller.', caller),
    ...texts('impersonated.', impersonated),
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
