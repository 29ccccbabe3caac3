import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventDigest } from '../../cli/attribute/event-digest.ts';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { Silence } from '../../lib/attribution/silence.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { RecordSource } from '../../lib/ports/input.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import { auditEvents } from '../../lib/usecases/attribute/audit-events.ts';
import { rereadable, valuesSource } from '../builders/values-source.ts';
import type { Scenario, ToldEvent } from './scenario.ts';
import { settingsOf } from './settings.ts';
import { type SeenRecord, seen } from './verdict.ts';

/** Returns the delivery in which the cluster's subscription would send this event. */
export function deliveryOf({ event, delivered, cluster = 'prod-1' }: ToldEvent): unknown {
  return delivered ?? auditPayload([event], cluster);
}

/** @param stated what CloudWatch Logs adds to each event. */
export function auditPayload(events: readonly JsonObject[], cluster: string, stated: JsonObject = {}): JsonObject {
  return {
    messageType: 'DATA_MESSAGE',
    logGroup: `/aws/eks/${cluster}/cluster`,
    logStream: 'kube-apiserver-audit-0f1e2d',
    logEvents: events.map((event, at) => ({ id: String(at), timestamp: 1, message: JSON.stringify(event), ...stated })),
  };
}

/** Returns the records that `attribute` writes for a scenario. */
export async function overFiles(scenario: Scenario): Promise<SeenRecord[]> {
  const { exported, events, records: cloudtrail, silences } = scenario;
  const settings = settingsOf(scenario);
  if (exported === undefined)
    return recordsOverFiles({ audit: events.map(deliveryOf), cloudtrail, settings, silences });
  const folder = await mkdtemp(join(tmpdir(), 'eks-whois-evidence-'));
  try {
    const file = join(folder, 'export.txt');
    await writeFile(file, exported);
    return await attributed(fileSource([file]), cloudtrail, settings);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Files {
  readonly audit: readonly unknown[];
  readonly cloudtrail: readonly unknown[];
  readonly settings: AttributionSettings;
  readonly silences?: readonly Silence[] | undefined;
}

/** Returns the records that `attribute` writes for values in their envelopes. */
export function recordsOverFiles({ audit, cloudtrail, settings, silences }: Files): Promise<SeenRecord[]> {
  return attributed(valuesSource(audit), cloudtrail, settings, silences);
}

async function attributed(
  audit: RecordSource,
  cloudtrail: readonly unknown[],
  settings: AttributionSettings,
  silences: readonly Silence[] = [],
): Promise<SeenRecord[]> {
  const records: SeenRecord[] = [];
  await attributeFiles({
    audit: auditEvents(audit, { known: {}, again: rereadable(audit) }),
    cloudtrail: valuesSource(cloudtrail),
    settings,
    grantsKnown(known) {
      for (const silence of silences) known.add({ silence });
    },
    digest: eventDigest,
    record: (record) => records.push(seen(JSON.parse(JSON.stringify(record)))),
    reject: () => undefined,
    pause: () => undefined,
  });
  return records;
}
