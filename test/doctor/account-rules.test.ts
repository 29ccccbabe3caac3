import { describe, expect, test } from 'vitest';
import { stsEventPattern } from '../../infra/sts-events.ts';
import { REASON_MEND } from '../../lib/attribution/reasons.ts';
import { assumptionFindings, readAssumption } from '../../lib/doctor/assumption.ts';
import { missingRules, ruleFindings, unjudgedRules } from '../../lib/doctor/event-rule.ts';
import { carriesGrants, type Selectors, type Trail, trailFindings, withGrants } from '../../lib/doctor/trail.ts';
import { unnamedSessionFindings } from '../../lib/doctor/unnamed-sessions.ts';
import { type JsonObject, keysOf } from '../../lib/json.ts';
import { epochMillis, parseInstant } from '../../lib/time.ts';

describe('trails', () => {
  const of = (ReadWriteType: string): Selectors => ({ basic: [{ ReadWriteType }], advanced: [] });
  const good: Trail = {
    name: 't',
    homeRegion: 'eu-west-1',
    multiRegion: true,
    logging: true,
    selectors: of('All'),
    toLogGroup: false,
    ofOrganization: false,
    validated: true,
  };
  const single = { ...good, multiRegion: false };
  test.each<[string, readonly Trail[], readonly string[]]>([
    ['none', [], ['trail-missing']],
    ['one of all Regions', [good], []],
    [
      'one that could not be looked at',
      [{ name: 't', homeRegion: 'x', multiRegion: true, toLogGroup: false, ofOrganization: false, validated: true }],
      [],
    ],
    ['one of its Region alone', [single], ['trail-misses-regions']],
    ['one for each Region', [single, { ...single, homeRegion: 'us-east-1' }], []],
    ['one that is stopped', [{ ...good, logging: false }], ['trail-stopped']],
    ['one that is write-only', [{ ...good, selectors: of('WriteOnly') }], ['trail-write-only']],
    ['a write-only one beside a good one', [{ ...good, selectors: of('WriteOnly') }, good], []],
    [
      'a stopped one of one Region beside nothing else',
      [{ ...single, logging: false }],
      ['trail-stopped', 'trail-misses-regions'],
    ],
  ])('%s', (_, trails, ids) => {
    expect(trailFindings(trails, ['eu-west-1', 'us-east-1']).map(({ id }) => id)).toEqual(ids);
  });

  const management = { Field: 'eventCategory', Equals: ['Management'] };
  const advanced = (...FieldSelectors: readonly object[]) =>
    ({ basic: [], advanced: [{ FieldSelectors: [management, ...FieldSelectors] }] }) as Selectors;
  const data = { Name: 'bucket', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Data'] }] };
  const basic = (ReadWriteType: string, IncludeManagementEvents = true, DataResources: readonly object[] = []) =>
    ({ basic: [{ ReadWriteType, IncludeManagementEvents, DataResources }], advanced: [] }) as Selectors;
  test.each<[string, Selectors, boolean]>([
    ['all', basic('All'), true],
    ['read-only', basic('ReadOnly'), true],
    ['write-only', basic('WriteOnly'), false],
    ['data events alone', basic('All', false), false],
    ['management, advanced', advanced(), true],
    ['write-only, advanced', advanced({ Field: 'readOnly', Equals: ['false'] }), false],
    ['without STS', advanced({ Field: 'eventSource', NotEquals: ['sts.amazonaws.com'] }), false],
    ['without KMS, advanced', advanced({ Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] }), true],
    ['without what begins with s', advanced({ Field: 'eventSource', NotStartsWith: ['s'] }), false],
    ['of sign-ins alone', advanced({ Field: 'eventName', Equals: ['ConsoleLogin'] }), false],
    ['of names that begin so', advanced({ Field: 'eventName', StartsWith: ['Assume', 'Get'] }), true],
    ['of names that end otherwise', advanced({ Field: 'eventName', EndsWith: ['Identity'] }), false],
    ['data events, advanced', { basic: [], advanced: [data] }, false],
  ])('selectors: %s', (_, selectors, carries) => {
    expect(carriesGrants(selectors)).toBe(carries);
  });

  const objects = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::b/'] }];
  test.each<[string, Selectors, string]>([
    ['none', { basic: [], advanced: [] }, '[{"ReadWriteType":"All","IncludeManagementEvents":true}]'],
    [
      'data events beside them',
      basic('WriteOnly', true, objects),
      '[{"ReadWriteType":"All","IncludeManagementEvents":true},{"ReadWriteType":"WriteOnly","IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::b/"]}]}]',
    ],
    [
      'without KMS',
      {
        basic: [{ ReadWriteType: 'WriteOnly', ExcludeManagementEventSources: ['kms.amazonaws.com'] }],
        advanced: [],
      },
      '[{"ReadWriteType":"All","IncludeManagementEvents":true,"ExcludeManagementEventSources":["kms.amazonaws.com"]}]',
    ],
    [
      'advanced',
      { basic: [], advanced: [...advanced({ Field: 'readOnly', Equals: ['false'] }).advanced, data] },
      '[{"Name":"Management events","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},{"Name":"bucket","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]',
    ],
    [
      'advanced, without KMS and of some callers',
      advanced(
        { Field: 'readOnly', Equals: ['false'] },
        { Field: 'eventSource', NotEquals: ['kms.amazonaws.com', 'sts.amazonaws.com'] },
        { Field: 'userIdentity.arn', NotStartsWith: ['arn:aws:sts::111122223333:assumed-role/robot'] },
      ),
      '[{"Name":"Management events","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]},{"Field":"userIdentity.arn","NotStartsWith":["arn:aws:sts::111122223333:assumed-role/robot"]}]}]',
    ],
    [
      'advanced, a name of its own and no other source than STS barred',
      {
        basic: [],
        advanced: [
          data,
          {
            Name: 'ours',
            FieldSelectors: [management, { Field: 'eventSource', NotEquals: ['sts.amazonaws.com'] }],
          },
        ],
      },
      '[{"Name":"bucket","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]},{"Name":"ours","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]',
    ],
    [
      'advanced, of data events alone',
      { basic: [], advanced: [data] },
      '[{"Name":"Management events","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},{"Name":"bucket","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]',
    ],
  ])('the step adds grants and keeps all else: %s', (name, selectors, json) => {
    const option = name.startsWith('advanced') ? '--advanced-event-selectors' : '--event-selectors';
    expect(withGrants(selectors)).toBe(`${option} '${json}'`);
  });
});

describe('rules', () => {
  const RIGHT = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  const CATCH_ALL = '{"detail-type":["AWS API Call via CloudTrail"]}';
  const rule = (state: string, pattern = '{"source":["aws.sts"]}', account?: string) => ({
    name: 'r',
    region: 'eu-west-1',
    account,
    state,
    pattern,
  });
  test.each([
    ['enabled only', rule('ENABLED'), ['rule-wrong-state']],
    ['disabled', rule('DISABLED'), ['rule-wrong-state']],
    ['by event source', rule('ENABLED', '{"detail":{"eventSource":["sts.amazonaws.com"]}}'), ['rule-wrong-state']],
    ['by what all calls have in common', rule('ENABLED', CATCH_ALL), ['rule-wrong-state']],
    ['as it must be', rule(RIGHT), []],
    ['for other events', rule('ENABLED', '{"source":["aws.ec2"]}'), []],
    ['for another event of STS', rule('ENABLED', '{"source":["aws.sts"],"detail":{"eventName":["X"]}}'), []],
    ['of no pattern', rule('ENABLED', ''), []],
  ])('%s', (_, one, ids) => {
    expect(ruleFindings([one]).map(({ id }) => id)).toEqual(ids);
  });

  test('in the wrong state are no finding beside one in the right state', () => {
    expect(ruleFindings([rule('ENABLED'), rule(RIGHT)])).toEqual([]);
    expect(ruleFindings([rule('ENABLED'), { ...rule(RIGHT), region: 'us-east-1' }])).toHaveLength(1);
  });

  test('for all services are somebody else’s if grants come from a log group', () => {
    expect(ruleFindings([rule('ENABLED', CATCH_ALL)], { needed: false })).toEqual([]);
    expect(ruleFindings([rule('ENABLED')], { needed: false })).toHaveLength(1);
  });

  test.each([
    ['of the source', '{"source":["aws.sts"]}'],
    ['of a beginning of it', '{"source":[{"prefix":"aws.s"}],"detail-type":["AWS API Call via CloudTrail"]}'],
    ['of all calls', CATCH_ALL],
    ['as the service deploys them', JSON.stringify(stsEventPattern({ uses: false }))],
    ['of the account', '{"account":["111122223333"]}'],
    ['of the Region, read-only', '{"region":["eu-west-1"],"detail":{"readOnly":[true],"awsRegion":["eu-west-1"]}}'],
  ])('%s take grants', (_, pattern) => {
    const rules = [rule(RIGHT, pattern, '111122223333')];
    expect(missingRules(rules, ['eu-west-1'])).toEqual([]);
    expect(unjudgedRules(rules, ['eu-west-1'])).toEqual([]);
  });

  test.each([
    ['of another call', '{"source":["aws.sts"],"detail":{"eventName":["GetCallerIdentity"]}}'],
    ['of calls that failed', '{"source":["aws.sts"],"detail":{"errorCode":[{"exists":true}]}}'],
    ['of calls that write', '{"source":["aws.sts"],"detail":{"readOnly":[false]}}'],
    ['of sign-ins', '{"source":["aws.sts"],"detail-type":["AWS Console Sign In via CloudTrail"]}'],
    ['of another account', '{"account":["444455556666"],"source":["aws.sts"]}'],
    ['of anything but STS', '{"source":[{"anything-but":"aws.sts"}]}'],
  ])('%s take no grants', (_, pattern) => {
    const rules = [rule(RIGHT, pattern, '111122223333')];
    expect(missingRules(rules, ['eu-west-1'])).toMatchObject([{ id: 'rule-missing' }]);
    expect(unjudgedRules(rules, ['eu-west-1'])).toEqual([]);
  });

  test.each([
    ['an operator that is not known', '{"source":["aws.sts"],"detail":{"sourceIPAddress":[{"cidr":"192.0.2.0/24"}]}}'],
    ['some roles alone', '{"source":["aws.sts"],"detail":{"requestParameters":{"roleArn":[{"prefix":"arn"}]}}}'],
    ['some callers alone', '{"source":["aws.sts"],"detail":{"userIdentity":{"type":["IAMUser"]}}}'],
    ['an account, which is not known', '{"account":["111122223333"]}'],
    ['what is no pattern', '{'],
  ])('with %s cannot be judged, and are not reported as missing', (_, pattern) => {
    const rules = [rule('ENABLED', pattern)];
    expect(ruleFindings(rules)).toEqual([]);
    expect(missingRules(rules, ['eu-west-1'])).toEqual([]);
    expect(unjudgedRules(rules, ['eu-west-1'])).toMatchObject([
      { check: 'whether rule r (eu-west-1) matches STS events', failed: false },
    ]);
    expect(unjudgedRules([...rules, rule(RIGHT)], ['eu-west-1'])).toEqual([]);
  });

  test('are missing if no rule matches STS events', () => {
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

  test('show the shared name and accounts whose trail is not connected, each event once', () => {
    const records = [
      record('1', 'EKSGetTokenAuth'),
      record('1', 'EKSGetTokenAuth'),
      record('2', 'alice', '444455556666'),
      record('3', 'bob', '777788889999'),
      record('4', 'EKSGetTokenAuth', '111122223333', { errorCode: 'AccessDenied' }),
    ];
    const found = records.flatMap((each) => readAssumption(each) ?? []);
    const findings = assumptionFindings(found, {
      accountId: '111122223333',
      connected: ['777788889999'],
      days: 7,
      clustersOf: () => ['prod --region eu-west-1'],
      prefix: 'eks-whois-prod',
    });
    expect(findings).toMatchObject([
      {
        id: 'shared-session-name',
        subject: ROLE,
        evidence: expect.stringContaining('Assumed once as EKSGetTokenAuth'),
        mend: expect.stringContaining(
          `\`eks-whois kubeconfig create prod --region eu-west-1 --role-arn ${ROLE} --force\``,
        ),
      },
      {
        id: 'caller-account-not-connected',
        subject: 'account 444455556666',
        mend: expect.stringContaining('HubAccount=111122223333 HubPrefix=eks-whois-prod`'),
      },
    ]);
    expect(findings).toHaveLength(2);
  });

  test.each(['', '[]', '{"eventName":"GetRole"}', '{"eventName":"AssumeRole"}'])('do not include %s', (text) => {
    expect(readAssumption(text)).toBeUndefined();
  });
});

describe('unidentified sessions', () => {
  const UID = 'aws-iam-authenticator:111122223333:AROAX';
  const since = parseInstant('2026-01-08T00:00:00Z') ?? epochMillis(0);
  const row = (reason: string, last: string, caller: object = { username: 'dev' }) => ({
    reasons: [reason],
    last,
    caller,
  });
  const findings = (...rows: readonly JsonObject[]) =>
    unnamedSessionFindings(rows, since, { days: 7, service: '--table eks-whois-prod' });

  test('are counted by reason, for the last days', () => {
    const rows = [
      row('no-matching-grant', '2026-01-09T00:00:00Z'),
      row('no-matching-grant', '2026-01-10T00:00:00Z'),
      row('access-key-not-seen', '2026-01-10T00:00:00Z'),
      row('no-event-time', '2026-01-07T00:00:00Z'),
    ];
    expect(findings(...rows)).toMatchObject([
      { id: 'sessions-unnamed', subject: 'no-matching-grant', evidence: '2 sessions of the last 7 days: dev, dev.' },
      { id: 'sessions-unnamed', subject: 'access-key-not-seen' },
    ]);
  });

  test.each<[string, object, string]>([
    ['its key', { accessKeyId: 'ASIAX', uid: UID, sessionName: 'jane' }, '--access-key-id ASIAX'],
    ['role and name', { uid: UID, sessionName: 'jane' }, '--principal AROAX:jane'],
    [
      'uid and username, whatever a client put there',
      { uid: "a'; rm -rf ~", username: '$(id)' },
      "--uid 'a'\\''; rm -rf ~' --username '$(id)'",
    ],
  ])('the step asks for one by %s', (_, caller, options) => {
    const [found] = findings(row('access-key-not-seen', '2026-01-10T00:00:00Z', caller));
    expect(found?.mend).toContain('`eks-whois sessions --status unattributed --table eks-whois-prod`');
    expect(found?.mend).toContain(`\`eks-whois whois ${options} --at 2026-01-10T00:00:00Z --profile <of `);
  });

  test.each([...keysOf(REASON_MEND), 'of-tomorrow'])(
    '%s has a step, and every placeholder in it is filled',
    (reason) => {
      const [found] = findings(row(reason, '2026-01-10T00:00:00Z'));
      expect(found?.mend).toMatch(reason === 'session-name-unknown' ? /usernameTemplates/ : /`eks-whois \w/);
      expect(found?.mend).not.toMatch(/[{}]/);
    },
  );
});
