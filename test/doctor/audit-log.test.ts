import { describe, expect, test } from 'vitest';
import { type AuditLog, judgeAuditLog, readCutEntries } from '../../lib/doctor/audit-log.ts';
import type { Subscription } from '../../lib/doctor/subscription.ts';
import { auditFilterPattern, DEFAULT_CHOICE } from '../../lib/identity/audit-filter.ts';
import { type EpochMillis, epochMillis, parseInstant } from '../../lib/time.ts';

const LOG: AuditLog = { cluster: 'prod', region: 'eu-west-1', on: true };
const LAMBDA = 'arn:aws:lambda:eu-west-1:111122223333:function:';
const GOOD: Subscription = {
  name: 'eks-whois-prod-audit',
  pattern: auditFilterPattern(DEFAULT_CHOICE),
  destination: `${LAMBDA}eks-whois-prod-ingest`,
};
const OTHER: Subscription = { name: 'siem', pattern: '', destination: 'arn:aws:kinesis:eu-west-1:1:stream/siem' };
const FIREHOSE: Subscription = {
  name: 'lake',
  pattern: '',
  destination: 'arn:aws:firehose:eu-west-1:1:deliverystream/lake',
};

function at(text: string): EpochMillis {
  return parseInstant(text) ?? epochMillis(Number.NaN);
}

const SCOPE = { days: 7, from: at('2026-03-03T12:00:00Z'), to: at('2026-03-10T12:00:00Z') };

function judged(log: Partial<AuditLog>, prefix?: string) {
  return judgeAuditLog({ ...LOG, ...log }, { ...SCOPE, prefix });
}

function idsOf(log: Partial<AuditLog>, prefix?: string): readonly string[] {
  return judged(log, prefix).findings.map(({ id }) => id);
}

describe('an audit log', () => {
  test('is reported if it is off', () => {
    expect(idsOf({ on: false })).toEqual(['audit-log-off']);
  });

  test('is reported if nothing of it may be read', () => {
    expect(judged({})).toEqual({ findings: [], unchecked: [] });
  });

  test('has no finding if it is in order', () => {
    const deliveries = [{ filter: GOOD.name, errors: [], throttled: [] }];
    expect(judged({ subscriptions: [GOOD, OTHER], deliveries, cut: [] })).toEqual({ findings: [], unchecked: [] });
  });
});

describe("this service's subscription", () => {
  test.each<[string, readonly Subscription[], string | undefined, readonly string[]]>([
    ['there is none', [], undefined, ['audit-log-not-subscribed']],
    ['another goes elsewhere', [OTHER], undefined, ['audit-log-not-subscribed']],
    ['to the function, by the name that the service gives', [GOOD], undefined, []],
    ['to a version of the function', [{ ...GOOD, destination: `${GOOD.destination}:7` }], undefined, []],
    ["to somebody else's ingest", [{ ...GOOD, name: 'logs' }], undefined, ['audit-log-not-subscribed']],
    ['put by hand, to the function of the tables that were named', [{ ...GOOD, name: 'logs' }], 'eks-whois-prod', []],
    ['to another stage than the tables that were named', [GOOD], 'eks-whois-dev', ['audit-log-not-subscribed']],
  ])('%s', (_, subscriptions, prefix, ids) => {
    expect(idsOf({ subscriptions }, prefix)).toEqual(ids);
  });

  test('is created by a deployment, and what it missed is loaded', () => {
    const [found] = judged({ subscriptions: [OTHER] }, 'eks-whois-prod').findings;
    expect(found?.evidence).toBe(
      'None of the subscription filters of /aws/eks/prod/cluster goes to eks-whois-prod-ingest: siem goes to the Kinesis stream siem.',
    );
    expect(found?.mend).toBe(
      '`npm run deploy -- --stage prod --region eu-west-1 --param clusters=<current clusters>,prod`, with the other parameters unchanged, or let the service find the cluster (findClusters; docs/deploy.md). Then load the events from before: `AWS_REGION=eu-west-1 eks-whois backfill --table eks-whois-prod --log-group /aws/eks/prod/cluster --from 2026-03-03T12:00:00Z --to 2026-03-10T12:00:00Z`',
    );
  });

  test('needs one of the two places of a log group', () => {
    const [found] = judged({ subscriptions: [OTHER, FIREHOSE] }).findings;
    expect(found?.evidence).toContain('siem goes to the Kinesis stream siem; lake goes to the Firehose stream lake');
    expect(found?.mend).toMatch(
      /^A log group can have 2 subscription filters, and both are in use. Delete one: `aws logs delete-subscription-filter /,
    );
    expect(found?.mend).toContain('--filter-name siem` or `aws logs');
  });
});

const ONLY_AWS =
  '{ (($.user.uid = "aws-iam-authenticator:*" || $.user.uid = "heptio-authenticator-aws:*" || ($.user.username != "system:*" && $.user.username != "eks:*")) && ($.user.username != "system:node:*" || $.userAgent NOT EXISTS || ($.userAgent != "kubelet/*" && $.userAgent != "kubelet.exe/*"))) || ($.impersonatedUser.username = "*" && $.impersonatedUser.username != "system:*") || $.user.username = "eks:support-engineer" }';

describe('a filter pattern', () => {
  const with_ = (...patterns: readonly string[]) => ({
    subscriptions: patterns.map((pattern) => ({ ...GOOD, pattern })),
  });
  test.each<[string, readonly string[], string | undefined]>([
    ['what the service deploys', [auditFilterPattern(DEFAULT_CHOICE)], undefined],
    ['what it deploys with node traffic', [auditFilterPattern({ ...DEFAULT_CHOICE, nodeTraffic: true })], undefined],
    ['everything', [''], undefined],
    ['audit events by a word', ['"audit.k8s.io"'], undefined],
    [
      'no request from outside AWS',
      [ONLY_AWS],
      'all from anonymous callers; all from client certificates (system:admin).',
    ],
    ['all but nodes', ['{ $.user.username != "system:node:*" }'], undefined],
    ['nothing that there is', ['{ $.eventSource = "sts.amazonaws.com" }'], 'all of them'],
    ['text of the authenticator', ['"access granted"'], 'all of them'],
    ['no OIDC users', ['{ $.user.uid = "aws-iam-authenticator:*" }'], 'all from users of another authenticator (OIDC)'],
    ['an old prefix alone', ['{ $.user.uid = "heptio-authenticator-aws:*" }'], 'all of them'],
    [
      'one that the other completes',
      ['{ $.user.uid = "aws-iam-authenticator:*" }', '{ $.user.uid NOT EXISTS }'],
      undefined,
    ],
    ['roles alone', ['{ $.user.extra.principalId[0] = "AROA*" }'], 'all from IAM users; all from users of another'],
    [
      'refusals alone',
      ['{ $.responseStatus.code >= 400 }'],
      'from role sessions: get, list, watch, create, update, patch, delete, exec, non-resource requests (/version); from IAM',
    ],
    [
      'changes alone',
      ['{ $.verb != "get" && $.verb != "list" && $.verb != "watch" }'],
      'from role sessions: get, list, watch, non-resource',
    ],
    [
      'one stage',
      ['{ $.stage = "ResponseComplete" }'],
      'from role sessions: watch, exec; from IAM users: watch, exec;',
    ],
  ])('%s', (_, patterns, loss) => {
    const { findings, unchecked } = judged(with_(...patterns));
    expect(unchecked).toEqual([]);
    expect(findings.map(({ id }) => id)).toEqual(loss === undefined ? [] : ['subscription-too-narrow']);
    if (loss !== undefined) expect(findings[0]?.evidence).toContain(`drops these typical requests: ${loss}`);
  });

  test('that doctor cannot try is reported as not checked', () => {
    const { findings, unchecked } = judged(with_('{ $.user.uid = %aws.*% }'));
    expect(findings).toEqual([]);
    expect(unchecked).toMatchObject([{ failed: false, reason: expect.stringContaining('%aws.*%') }]);
  });

  test('is replaced in place, without a gap', () => {
    const [found] = judged(with_('nothing-of-that-name')).findings;
    expect(found?.mend).toBe(
      `\`aws logs put-subscription-filter --region eu-west-1 --log-group-name /aws/eks/prod/cluster --filter-name eks-whois-prod-audit --destination-arn ${GOOD.destination} --filter-pattern '${auditFilterPattern(DEFAULT_CHOICE)}'\``,
    );
  });
});

describe('delivery', () => {
  const hours = (...texts: readonly string[]) => texts.map((text, index) => ({ hour: at(text), count: index + 1 }));

  test('errors and throttling are reported with their hours, and what is missing is loaded', () => {
    const errors = hours('2026-03-09T14:00:00Z', '2026-03-09T16:00:00Z');
    const throttled = hours('2026-03-08T01:00:00Z');
    const deliveries = [{ filter: GOOD.name, errors, throttled }];
    const { findings } = judged({ subscriptions: [GOOD], deliveries });
    expect(findings).toMatchObject([
      {
        id: 'delivery-errors',
        evidence:
          'AWS/Logs DeliveryErrors of the subscription filter eks-whois-prod-audit: 3 log events within 7 days, between 2026-03-09T14:00:00Z and 2026-03-09T17:00:00Z.',
        mend: expect.stringContaining(
          '`AWS_REGION=eu-west-1 eks-whois backfill --table eks-whois-prod --log-group /aws/eks/prod/cluster --from 2026-03-08T01:00:00Z --to 2026-03-09T17:00:00Z`',
        ),
      },
      { id: 'delivery-throttled', evidence: expect.stringContaining('1 log event within 7 days') },
    ]);
  });
});

describe('entries that were cut', () => {
  const row = (stream: string, hour: string, cut = '1') =>
    readCutEntries(
      new Map([
        ['@logStream', stream],
        ['hour', hour],
        ['cut', cut],
      ]),
    );

  test('are read by backfill: the stream and the hours, if they are known', () => {
    const cut = [
      row('kube-apiserver-audit-a', '2026-03-09 14:00:00.000', '2'),
      row('kube-apiserver-audit-a', '1773072000000'),
    ];
    const [found] = judged({ subscriptions: [GOOD], cut }).findings;
    expect(found).toMatchObject({
      id: 'audit-entries-cut',
      evidence: expect.stringMatching(/^3 audit entries .* in the stream kube/),
    });
    expect(found?.mend).toContain(
      '`AWS_REGION=eu-west-1 eks-whois backfill --table eks-whois-prod --log-group /aws/eks/prod/cluster --log-stream kube-apiserver-audit-a --from 2026-03-09T14:00:00Z --to 2026-03-09T17:00:00Z --rejects cut-prod.jsonl`',
    );
  });

  test('from several streams and an unreadable hour are read for the whole time that was checked', () => {
    const cut = [row('kube-apiserver-audit-a', 'x'), row('kube-apiserver-audit-b', '2026-03-09 14:00:00.000')];
    const [found] = judged({ cut }).findings;
    expect(found?.mend).toContain(
      '--table <prefix> --log-group /aws/eks/prod/cluster --from 2026-03-03T12:00:00Z --to 2026-03-10T12:00:00Z --rejects',
    );
  });
});
