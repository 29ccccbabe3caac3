import { describe, expect, it } from 'vitest';
import { fed } from '../model/feeding.ts';
import { instant } from '../usecases/service.ts';
import { deliveryOf } from './over-files.ts';
import { answersAbout } from './questions.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { settingsOf } from './settings.ts';
import { verdictExpected, verdictOf } from './verdict.ts';

async function fedAtOnce(scenario: Scenario) {
  const { events, records, silences = [] } = scenario;
  const ingested = events.map((given, at) => ({ events: deliveryOf(given), id: `delivery ${at}` }));
  return fed([{ trail: records }, ...silences.map((silence) => ({ silence })), ...ingested], {
    settings: settingsOf(scenario),
    start: instant('2026-03-10T12:21:00Z'),
  });
}

describe.each(SCENARIOS)('over whois: %s', (_about, scenarios) => {
  const askable = scenarios.filter(({ exported, events }) => exported === undefined && events.some((e) => e.expected));
  it.each(askable.map((scenario) => [scenario.title, scenario] as const))('%s', async (_title, scenario) => {
    const sources = {
      records: scenario.records,
      settings: settingsOf(scenario),
      service: await fedAtOnce(scenario),
    };
    // Only a service notes silences.
    const knowsAll = (how: string) => scenario.silences === undefined || !/over (files|look-ups)/.test(how);
    for (const given of scenario.events) {
      const { expected } = given;
      if (expected === undefined) continue;
      for (const { how, attribution } of (await answersAbout(given, sources)).filter(({ how }) => knowsAll(how))) {
        expect(verdictOf(attribution, expected), how).toEqual(verdictExpected(expected));
      }
    }
  });
});
