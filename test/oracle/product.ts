import { hash } from 'node:crypto';
import { type AuditRecord, completeRecordText } from '../../lib/attribution/record.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseTrustedProxy } from '../../lib/identity/trusted-proxy.ts';
import { parseUsernameTemplate } from '../../lib/identity/username.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import { readyEvents } from '../../lib/usecases/attribute/ready-events.ts';
import { valuesSource } from '../builders/values-source.ts';
import type { World } from './rules.ts';

const digest = (text: string) => hash('sha256', text, 'binary');

/** What the product makes of a world: the records of `attribute`, in the order of its events. */
export async function product(world: World): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  await attributeFiles({
    audit: readyEvents(valuesSource(world.audit), { cluster: undefined, digest, again: valuesSource(world.audit) }),
    cloudtrail: valuesSource(world.cloudtrail),
    settings: {
      ...DEFAULT_SETTINGS,
      usernameTemplates: world.usernameTemplates.map((text) => parseUsernameTemplate(text)),
      trustedProxies: world.trustedProxies.map((text) => parseTrustedProxy(text)),
    },
    record: (head, answer) => records.push(JSON.parse(completeRecordText(head, answer)) as AuditRecord),
    reject: () => undefined,
    pause: () => undefined,
  });
  return records;
}
