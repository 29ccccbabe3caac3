import { describe, expect, test } from 'vitest';
import { assumptionFindings, readAssumption } from '../../lib/doctor/assumption.ts';
import { auditLogFindings } from '../../lib/doctor/audit-log.ts';
import { missingRules, ruleFindings } from '../../lib/doctor/event-rule.ts';
import { carriesGrants, type Selectors, type Trail, trailFindings } from '../../lib/doctor/trail.ts';
import { unnamedSessionFindings } from '../../lib/doctor/unnamed-sessions.ts';
import { parseInstant } from '../../lib/time.ts';

const LOG = { cluster: 'prod', region: 'eu-west-1', on: true };

describe('an audit log', () => {
  test.each([
    ['that is off', { ...LOG, on: false }, ['audit-log-off']],
    ['without a subscription', { ...LOG, filters: [] }, ['audit-log-not-subscribed']],
    ['whose subscription may not be read', LOG, []],
    [
      'with entries that were cut',
      { ...LOG, filters: [{ name: 'a' }], cut: { count: 3, days: 7 } },
      ['audit-entries-cut'],
    ],
    ['that is well', { ...LOG, filters: [{ name: 'a' }], cut: { count: 0, days: 7 } }, []],
  ])('%s', (_, log, ids) => {
    expect(auditLogFindings(log).map(({ id }) => id)).toEqual(ids);
  });
});

describe('trails', () => {
  const good: Trail = {
    name: 't',
    homeRegion: 'eu-west-1',
    multiRegion: true,
    logging: true,
    carriesGrants: true,
    toLogGroup: false,
  };
  const single = { ...good, multiRegion: false };
  test.each<[string, readonly Trail[], readonly string[]]>([
    ['none', [], ['trail-missing']],
    ['one of all Regions', [good], []],
    ['one that could not be looked at', [{ name: 't', homeRegion: 'x', multiRegion: true, toLogGroup: false }], []],
    ['one of its Region alone', [single], ['trail-misses-regions']],
    ['one for each Region', [single, { ...single, homeRegion: 'us-east-1' }], []],
    ['one that is stopped', [{ ...good, logging: false }], ['trail-stopped']],
    ['one that is write-only', [{ ...good, carriesGrants: false }], ['trail-write-only']],
    ['a write-only one beside a good one', [{ ...good, carriesGrants: false }, good], []],
    [
      'a stopped one of one Region beside nothing else',
      [{ ...single, logging: false }],
      ['trail-stopped', 'trail-misses-regions'],
    ],
  ])('%s', (_, trails, ids) => {
    expect(trailFindings(trails, ['eu-west-1', 'us-east-1']).map(({ id }) => id)).toEqual(ids);
  });

  const management = { field: 'eventCategory', equals: ['Management'] };
  test.each<[string, Selectors, boolean]>([
    ['all', { basic: [{ readWriteType: 'All', management: true }], advanced: [] }, true],
    ['read-only', { basic: [{ readWriteType: 'ReadOnly', management: true }], advanced: [] }, true],
    ['write-only', { basic: [{ readWriteType: 'WriteOnly', management: true }], advanced: [] }, false],
    ['data events alone', { basic: [{ readWriteType: 'All', management: false }], advanced: [] }, false],
    ['management, advanced', { basic: [], advanced: [[management]] }, true],
    ['write-only, advanced', { basic: [], advanced: [[management, { field: 'readOnly', equals: ['false'] }]] }, false],
    [
      'without STS',
      { basic: [], advanced: [[management, { field: 'eventSource', notEquals: ['sts.amazonaws.com'] }]] },
      false,
    ],
    ['data events, advanced', { basic: [], advanced: [[{ field: 'eventCategory', equals: ['Data'] }]] }, false],
  ])('selectors: %s', (_, selectors, carries) => {
    expect(carriesGrants(selectors)).toBe(carries);
  });
});

describe('rules', () => {
  const rule = (state: string, pattern = '{"source":["aws.sts"]}') => ({
    name: 'r',
    region: 'eu-west-1',
    state,
    pattern,
  });
  test.each([
    ['enabled only', rule('ENABLED'), ['rule-wrong-state']],
    ['disabled', rule('DISABLED'), ['rule-wrong-state']],
    ['by event source', rule('ENABLED', '{"detail":{"eventSource":["sts.amazonaws.com"]}}'), ['rule-wrong-state']],
    ['as it must be', rule('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'), []],
    ['for other events', rule('ENABLED', '{"source":["aws.ec2"]}'), []],
    ['of no pattern', rule('ENABLED', ''), []],
  ])('%s', (_, one, ids) => {
    expect(ruleFindings([one]).map(({ id }) => id)).toEqual(ids);
  });

  test('are missing where no rule takes events of STS', () => {
    const [missing] = missingRules([rule('ENABLED')], ['eu-west-1', 'us-east-1']);
    expect(missing).toMatchObject({ id: 'rule-missing', subject: 'us-east-1' });
    expect(missingRules([rule('ENABLED')], ['eu-west-1'])).toEqual([]);
  });
});

describe('roles that were assumed', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/dev';
  const record = (eventID: string, roleSessionName: string, accountId = '111122223333', over = {}) =>
    JSON.stringify({
      eventID,
      eventName: 'AssumeRole',
      userIdentity: { type: 'AWSAccount', accountId },
      requestParameters: { roleArn: ROLE, roleSessionName },
      ...over,
    });

  test('the shared name and accounts whose trail is not connected, each event once', () => {
    const records = [
      record('1', 'EKSGetTokenAuth'),
      record('1', 'EKSGetTokenAuth'),
      record('2', 'alice', '444455556666'),
      record('3', 'bob', '777788889999'),
      record('4', 'EKSGetTokenAuth', '111122223333', { errorCode: 'AccessDenied' }),
    ];
    const found = records.flatMap((each) => readAssumption(each) ?? []);
    const findings = assumptionFindings(found, ['777788889999'], 7);
    expect(findings).toMatchObject([
      {
        id: 'shared-session-name',
        subject: ROLE,
        evidence: expect.stringContaining('Assumed once as EKSGetTokenAuth'),
      },
      { id: 'caller-account-not-connected', subject: 'account 444455556666' },
    ]);
    expect(findings).toHaveLength(2);
  });

  test.each(['', '[]', '{"eventName":"GetRole"}', '{"eventName":"AssumeRole"}'])('%s is none', (text) => {
    expect(readAssumption(text)).toBeUndefined();
  });
});

test('sessions without a name are counted by reason, those of the last days', () => {
  const since = parseInstant('2026-01-08T00:00:00Z');
  const row = (reason: string, last: string) => ({ reasons: [reason], last, caller: { username: 'dev' } });
  const rows = [
    row('no-matching-grant', '2026-01-09T00:00:00Z'),
    row('no-matching-grant', '2026-01-10T00:00:00Z'),
    row('access-key-not-seen', '2026-01-10T00:00:00Z'),
    row('no-event-time', '2026-01-07T00:00:00Z'),
  ];
  expect(since && unnamedSessionFindings(rows, since, 7)).toMatchObject([
    { id: 'sessions-unnamed', subject: 'no-matching-grant', evidence: '2 sessions of the last 7 days: dev, dev.' },
    { id: 'sessions-unnamed', subject: 'access-key-not-seen' },
  ]);
});
