import { sha256 } from '../../lib/adapters/digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { ecsEvent } from '../../lib/ecs/ecs-event.ts';
import type { EcsEvent } from '../../lib/ecs/event.ts';
import { plainJson } from '../../lib/words/escape.ts';
import type { RecordWriter } from './record-writer.ts';

/** Events of the Elastic Common Schema, one JSON object a line (docs/ecs.md). */
export function ecsFormat(): RecordWriter {
  const event = ecsEvents();
  return { record: (record) => `${plainJson(event(record))}\n`, end: () => '' };
}

export function ecsEvents(): (record: AuditRecord) => EcsEvent {
  return (record) => ecsEvent(record, sha256);
}
