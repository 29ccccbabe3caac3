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

  it('accepts log groups beside AWS’s own', () => {
    expect(readConfig(TABLES).countedGroups).toEqual([]);
    const { countedGroups } = readConfig({ ...TABLES, LOG_GROUPS: '["/company/*=audit","trail=cloudtrail"]' });
    expect(countedGroups).toEqual([
      { names: '/company/*', content: 'audit' },
      { names: 'trail', content: 'cloudtrail' },
    ]);
  });

  it('records everything, unless reads of some resources are left out', () => {
    expect(readConfig(TABLES).recording.omits).toEqual([]);
    expect(readConfig({ ...TABLES, RECORD: 'omit-reads:leases,ev' }).recording.omits).toEqual(['leases', 'events']);
    expect(() => readConfig({ ...TABLES, RECORD: 'omit-reads:secrets' })).toThrow(/variable RECORD: .*always recorded/);
    expect(() => readConfig({ ...TABLES, ANONYMOUS: 'some' })).toThrow(/variable ANONYMOUS must be one of: allowed,/);
  });

  it('says where to query from an alert: the tables by their prefix, or an API', () => {
    const names = {
      SESSIONS_TABLE: 'who-prod-sessions',
      CLAIMS_TABLE: 'who-prod-claims',
      RECORDS_TABLE: 'who-prod-records',
    };
    const serviceAddress = { tables: 'who-prod', region: 'eu-west-1' };
    expect(readConfig({ ...names, AWS_REGION: 'eu-west-1' })).toMatchObject({ serviceAddress });
    const api = 'http://127.0.0.1:3000';
    expect(readConfig({ ...names, AWS_REGION: 'eu-west-1', SERVICE_API: api }).serviceAddress).toEqual({ api });
    expect(readConfig({ ...names, CLAIMS_TABLE: 'claims-of-who' }).serviceAddress).toBeUndefined();
  });

  it.each([
    [{}, /SESSIONS_TABLE/],
    [{ ...TABLES, TRAIL_MODE: 'pigeons' }, /TRAIL_MODE/],
    [{ ...TABLES, DEADLINE_MINUTES: 'soon' }, /DEADLINE_MINUTES/],
    [{ ...TABLES, USERNAME_TEMPLATES: '[1]' }, /USERNAME_TEMPLATES/],
    [{ ...TABLES, LOG_GROUPS: '/company/audit=audit' }, /LOG_GROUPS/],
    [{ ...TABLES, LOG_GROUPS: '["/company/audit"]' }, /LOG_GROUPS: "\/company\/audit" is not NAME=audit/],
    [{ ...TABLES, ALERT_ON: 'everything' }, /ALERT_ON/],
  ])('names the variable that is wrong: %j', (environment, name) => {
    expect(() => readConfig(environment)).toThrow(name);
  });
});
