import { describe, expect, it } from 'vitest';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { FLAGS } from '../../lib/attribution/flags.ts';
import { REASONS } from '../../lib/attribution/reasons.ts';
import { ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import { knownFrom, parsedEvent } from '../builders/answer.ts';
import { overFiles } from './over-files.ts';
import type { Scenario, ToldEvent } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { settingsOf } from './settings.ts';
import { givesCause, partsOf, type SeenRecord, verdictExpected, verdictOf } from './verdict.ts';

function expectRecord(record: SeenRecord | undefined, { expected }: ToldEvent): void {
  if (expected === undefined) return expect(record).toBeUndefined();
  if (record === undefined) return expect.fail('there is no record of the event');
  expect(verdictOf(record.attribution, expected)).toEqual(verdictExpected(expected));
  const { caller = {}, impersonated = {} } = expected;
  expect(partsOf(record.caller, caller)).toEqual(caller);
  expect(partsOf(record.impersonated, impersonated)).toEqual(impersonated);
  expect(record.attribution.provisional).toBe(false);
}

function isProvisionalAtFirst({ event }: ToldEvent, scenario: Scenario): boolean {
  const settings = settingsOf(scenario);
  const known = { index: knownFrom(scenario.records), settings, settled: false };
  return attribute(actionOf(parsedEvent(event), {}), known).attribution.provisional;
}

describe.each(SCENARIOS)('over files: %s', (_about, scenarios) => {
  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', async (_title, scenario) => {
    const records = await overFiles(scenario);
    for (const given of scenario.events) {
      expectRecord(
        records.find(({ auditId }) => auditId === given.event.auditID),
        given,
      );
      const { provisionalAtFirst } = given.expected ?? {};
      if (provisionalAtFirst !== undefined) {
        expect(isProvisionalAtFirst(given, scenario), 'provisional at first').toBe(provisionalAtFirst);
      }
    }
  });
});

it('every flag, every reason and every cause of alerts has a story', () => {
  const expected = SCENARIOS.flatMap(([, scenarios]) => scenarios.flatMap(({ events }) => events)).flatMap(
    ({ expected: each }) => each ?? [],
  );
  const words = expected.flatMap(({ reason, flags = [] }) => [reason, ...flags]);
  const missing = [...FLAGS, ...REASONS].filter((word) => !words.includes(word));
  const causes = ALERT_CAUSES.filter((cause) => !expected.some((each) => givesCause(each, cause)));
  expect([...missing, ...causes], 'missing in test/evidence/scenarios').toEqual([]);
});
