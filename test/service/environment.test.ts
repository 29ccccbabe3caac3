import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/config.ts';
import { DAY } from '../../lib/time.ts';
import { localEnvironment } from '../../local/service/environment.ts';

const HERE = 'http://127.0.0.1';
const ENDPOINTS = {
  api: `${HERE}:3100`,
  dynamodb: `${HERE}:4001`,
  cloudtrail: `${HERE}:4002`,
  sns: `${HERE}:4003`,
};

describe('the environment of the functions on this machine', () => {
  const config = readConfig(
    localEnvironment(ENDPOINTS, {
      usernameTemplates: [],
      trustedProxies: [],
      identityStores: [],
      samePerson: [],
      record: 'omit-reads:events',
    }),
  );

  it('makes alerts point to the records here', () => {
    expect(config.serviceAddress).toEqual({ api: ENDPOINTS.api });
  });

  it('records what the option says', () => {
    expect(config.recording.omits).toEqual(['events']);
  });

  it('keeps records of logs that span decades, even if the first ones are old when the last arrive', () => {
    const decades = 50 * 365 * DAY;
    expect(config.keep.records).toBeGreaterThan(decades);
    expect(config.keep.sessions).toBeGreaterThanOrEqual(config.keep.records);
  });
});
