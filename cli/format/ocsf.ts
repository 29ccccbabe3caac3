import { sha256 } from '../../lib/adapters/digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { apiActivity, type Producer } from '../../lib/ocsf/api-activity.ts';
import type { ApiActivity, OcsfVersion } from '../../lib/ocsf/event.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { productVersion } from '../own-files.ts';
import type { RecordWriter } from './record-writer.ts';

/** The formats that are OCSF's, and of which version of the schema their events are. */
const SCHEMAS = { ocsf: '1.3.0' } as const satisfies Readonly<Record<string, OcsfVersion>>;

export type OcsfFormatName = keyof typeof SCHEMAS;

export const OCSF_FORMATS = Object.keys(SCHEMAS).filter(isOcsf);

export function isOcsf(format: string): format is OcsfFormatName {
  return Object.hasOwn(SCHEMAS, format);
}

/** OCSF events, one JSON object a line (docs/ocsf.md). */
export function ocsfFormat(name: OcsfFormatName): RecordWriter {
  const event = ocsfEvents(name);
  return { record: (record) => `${plainJson(event(record))}\n`, end: () => '' };
}

export function ocsfEvents(name: OcsfFormatName): (record: AuditRecord) => ApiActivity {
  const producer: Producer = { version: productVersion(), schema: SCHEMAS[name], digest: sha256 };
  return (record) => apiActivity(record, producer);
}
