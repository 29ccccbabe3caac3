import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { knownFrom, parsedEvent } from '../builders/answer.ts';
import { auditPayload, recordsOverFiles } from '../evidence/over-files.ts';
import { settingsOf } from '../evidence/settings.ts';
import { type SeenAttribution, type SeenRecord, seenAttribution } from '../evidence/verdict.ts';
import type { Deed } from './stage.ts';
import type { FramingWorld } from './world.ts';

/** The product's answers about one action. */
export interface Answers {
  readonly deed: Deed;
  /** The answer with what was known when the event came. Absent if the answer depends on other events. */
  readonly first?: SeenAttribution;
  /** The answer when everything is known that ever comes. Absent if no record was made. */
  readonly final?: SeenAttribution;
}

export async function answersTo(world: FramingWorld): Promise<readonly Answers[]> {
  const settings = settingsOf(world);
  const records = await finalRecords(world, settings);
  const byId = new Map(records.map(({ auditId, attribution }) => [auditId, attribution]));
  const index = knownFrom(world.facts.flatMap(({ value, known }) => (known === 'at first' ? [value] : [])));
  return world.deeds.map((deed): Answers => {
    const final = byId.get(deed.auditId);
    const reported = final === undefined ? { deed } : { deed, final };
    if (deed.truth === undefined || deed.restsOnEvents) return reported;
    const { attribution } = attribute(actionOf(parsedEvent(deed.event), {}), {
      index,
      settings,
      settled: false,
    });
    return { ...reported, first: seenAttribution(attribution) };
  });
}

function finalRecords({ facts, deeds }: FramingWorld, settings: AttributionSettings): Promise<SeenRecord[]> {
  const audit = deeds.map(({ event, delivered }) => delivered ?? auditPayload([event], 'prod-1'));
  const cloudtrail = facts.flatMap(({ value, known }) => (known === 'never' ? [] : [value]));
  return recordsOverFiles({ audit, cloudtrail, settings });
}
