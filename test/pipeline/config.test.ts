import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/config.ts';
import { MINUTE } from '../../lib/time.ts';

const TABLES = { SESSIONS_TABLE: 'sessions', CLAIMS_TABLE: 'claims', RECORDS_TABLE: 'records' };

describe('the configuration', () => {
  it('has defaults for all but the tables', () => {
    expect(readConfig(TABLES)).toMatchObject({
      deadline: 30 * MINUTE,
      trail: 'lookups-only',
      lookupDelay: 0,
      lookups: true,
    });
    expect(readConfig({ ...TABLES, TRAIL_MODE: 'eventbridge' }).lookupDelay).toBe(10 * MINUTE);
  });

  it.each([
    [{}, /SESSIONS_TABLE/],
    [{ ...TABLES, TRAIL_MODE: 'pigeons' }, /TRAIL_MODE/],
    [{ ...TABLES, DEADLINE_MINUTES: 'soon' }, /DEADLINE_MINUTES/],
    [{ ...TABLES, USERNAME_TEMPLATES: '[1]' }, /USERNAME_TEMPLATES/],
    [{ ...TABLES, ALERT_ON: 'everything' }, /ALERT_ON/],
  ])('names the variable that is wrong: %j', (environment, name) => {
    expect(() => readConfig(environment)).toThrow(name);
  });
});
