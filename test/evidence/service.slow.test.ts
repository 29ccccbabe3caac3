import { describe, expect, it } from 'vitest';
import { comparableRecords, fed } from '../model/feeding.ts';
import { instant } from '../usecases/service.ts';
import { ordersOf } from './orders.ts';
import { overFiles } from './over-files.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { settingsOf } from './settings.ts';

const START = instant('2026-03-10T12:21:00Z');

describe.each(SCENARIOS)('over the service: %s', (_about, scenarios) => {
  const deliverable = scenarios.filter(({ exported }) => exported === undefined);
  it.each(deliverable.map((scenario) => [scenario.title, scenario] as const))(
    'in every order and with any settling between, %s',
    async (_title, scenario) => {
      const expected = comparableRecords(await overFiles(scenario));
      const settings = settingsOf(scenario);
      for (const { name, steps } of ordersOf(scenario)) {
        const { stores } = await fed(steps, { settings, start: START });
        const records = stores.records.all().map(({ record }) => record);
        expect(comparableRecords(records), name).toEqual(expected);
      }
    },
  );
});
