import { hash } from 'node:crypto';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { completeRecordText } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { attributeFiles } from '../../lib/pipeline/attribute-files.ts';
import { readyEvents } from '../../lib/pipeline/ready-events.ts';
import { knownFrom, parsedEvent } from '../builders/answer.ts';
import { auditPayload, valuesSource } from '../evidence/over-files.ts';
import { settingsOf } from '../evidence/settings.ts';
import { type SeenAttribution, type SeenRecord, seen, seenAttribution } from '../evidence/verdict.ts';
import type { Deed } from './stage.ts';
import type { FramingWorld } from './world.ts';

/** What the product says of one deed. */
export interface Answers {
  readonly deed: Deed;
  /** Before all came, with what was known when the event came; absent where it rests on other events. */
  readonly first?: SeenAttribution;
  /** When all that ever comes is known; absent where no record was made. */
  readonly final?: SeenAttribution;
}

const digest = (text: string) => hash('sha256', text, 'binary');

export async function answersTo(world: FramingWorld): Promise<readonly Answers[]> {
  const settings = settingsOf(world);
  const records = await finalRecords(world, settings);
  const byId = new Map(records.map(({ auditId, attribution }) => [auditId, attribution]));
  const index = knownFrom(world.facts.flatMap(({ value, known }) => (known === 'at first' ? [value] : [])));
  return world.deeds.map((deed): Answers => {
    const final = byId.get(deed.auditId);
    const told = final === undefined ? { deed } : { deed, final };
    if (deed.truth === undefined || deed.restsOnEvents) return told;
    const { attribution } = attribute(actionOf(parsedEvent(deed.event)), { index, settings, settled: false });
    return { ...told, first: seenAttribution(attribution) };
  });
}

async function finalRecords({ facts, deeds }: FramingWorld, settings: AttributionSettings): Promise<SeenRecord[]> {
  const records: SeenRecord[] = [];
  const audit = deeds.map(({ event, delivered }) => delivered ?? auditPayload([event], 'prod-1'));
  await attributeFiles({
    audit: readyEvents(valuesSource(audit), { cluster: undefined, digest }),
    cloudtrail: valuesSource(facts.flatMap(({ value, known }) => (known === 'never' ? [] : [value]))),
    settings,
    record: (head, answer) => records.push(seen(JSON.parse(completeRecordText(head, answer)))),
    reject: () => undefined,
    pause: () => undefined,
  });
  return records;
}
