import { readFileSync } from 'node:fs';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isJsonObject, parseJson, textAt } from '../../lib/json.ts';
import { apiActivity, type Producer } from '../../lib/ocsf/api-activity.ts';
import type { ApiActivity } from '../../lib/ocsf/event.ts';
import type { RecordWriter } from './record-writer.ts';

/** OCSF events, one JSON object a line (docs/ocsf.md). */
export function ocsfFormat(): RecordWriter {
  const event = ocsfEvents();
  return { record: (record) => `${JSON.stringify(event(record))}\n`, end: () => '' };
}

export function ocsfEvents(): (record: AuditRecord) => ApiActivity {
  const producer: Producer = { version: productVersion(), digest: sha256 };
  return (record) => apiActivity(record, producer);
}

function productVersion(): string {
  const manifest = parseJson(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest.ok && isJsonObject(manifest.value) && textAt(manifest.value, 'version')) || 'unknown';
}
