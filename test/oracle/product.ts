import { eventDigest } from '../../cli/attribute/event-digest.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { epochMillis } from '../../lib/time.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import { auditEvents } from '../../lib/usecases/attribute/audit-events.ts';
import { rereadable, valuesSource } from '../builders/values-source.ts';
import { settingsOf } from '../evidence/settings.ts';
import type { World } from './rules.ts';

/** Returns the product's records of a world, as `attribute` makes them, in the order of its events. */
export async function product(world: World): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  await attributeFiles({
    audit: auditEvents(valuesSource(world.audit), {
      known: {},
      again: rereadable(valuesSource(world.audit)),
    }),
    cloudtrail: valuesSource(world.cloudtrail),
    settings: settingsOf({
      templates: world.usernameTemplates,
      proxies: world.trustedProxies,
      stores: world.identityStores,
    }),
    grantsKnown(known) {
      for (const { from, to, ...place } of world.silences ?? [])
        known.add({
          silence: { ...place, from: epochMillis(from), ...(to !== undefined && { to: epochMillis(to) }) },
        });
    },
    digest: eventDigest,
    record: (record) => records.push(JSON.parse(JSON.stringify(record)) as AuditRecord),
    reject: () => undefined,
    pause: () => undefined,
  });
  return records;
}
