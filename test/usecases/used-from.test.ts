import { describe, expect, it } from 'vitest';
import { usedElsewhere, usedFrom } from '../../lib/words/used-from.ts';

const GRANT = {
  eventName: 'AssumeRole',
  eventIds: ['e'],
  issuedAt: '2026-03-10T12:00:00Z',
  expiresAt: '2026-03-10T13:00:00Z',
  joinedBy: 'access-key',
} as const;

const chainFrom = (sourceIp?: string, userAgent?: string) => ({ chain: [{ ...GRANT, sourceIp, userAgent }] });

describe('where credentials were issued to, and where they were used', () => {
  it.each<[string, ReturnType<typeof chainFrom>, Parameters<typeof usedFrom>[1], string | undefined]>([
    [
      'says what differs',
      chainFrom('203.0.113.12', 'aws-cli/2.15.30 Python/3.11'),
      { ips: ['10.0.0.1', '45.83.64.11'], userAgent: 'python-requests/2.31' },
      'Assumed from 203.0.113.12 with aws-cli, used from 45.83.64.11 with python-requests. The source IP and the user agent differ.',
    ],
    [
      'says nothing of differences if there are none',
      chainFrom('203.0.113.12', 'aws-cli/2.15.30'),
      { ips: ['203.0.113.12'], userAgent: 'aws-cli/2.16.0' },
      'Assumed from 203.0.113.12 with aws-cli, used from 203.0.113.12 with aws-cli.',
    ],
    [
      'does not compare the name of a service with an address',
      chainFrom('ec2.amazonaws.com', 'ec2.amazonaws.com'),
      { ips: ['192.0.2.1'] },
      'Assumed from ec2.amazonaws.com with ec2.amazonaws.com, used from 192.0.2.1.',
    ],
    [
      'does not call kubectl after the AWS CLI different, only the source IP',
      chainFrom('203.0.113.12', 'aws-cli/2.27.40 md/command#eks.get-token'),
      { ips: ['45.83.64.11'], userAgent: 'kubectl/v1.33.2 (linux/amd64) kubernetes/a57b6f7' },
      'Assumed from 203.0.113.12 with aws-cli, used from 45.83.64.11 with kubectl. The source IP differs.',
    ],
    [
      'does not call kubectl after a sign-in different, which AWS itself turns into a session',
      chainFrom('203.0.113.12', 'aws-internal/3 aws-sdk-java/1.12.780'),
      { ips: ['203.0.113.12'], userAgent: 'kubectl.exe/v1.33.2 (windows/amd64) kubernetes/a57b6f7' },
      'Assumed from 203.0.113.12 with aws-internal, used from 203.0.113.12 with kubectl.exe.',
    ],
    [
      'does not compare the source IP of a sign-in, which is one of AWS',
      chainFrom('52.94.133.130', 'aws-internal/3 aws-sdk-java/1.12.780'),
      { ips: ['45.83.64.11'], userAgent: 'python-requests/2.31' },
      'Assumed from 52.94.133.130 with aws-internal, used from 45.83.64.11 with python-requests. The user agent differs.',
    ],
    [
      'calls any other client after the AWS CLI different',
      chainFrom('203.0.113.12', 'aws-cli/2.27.40'),
      { ips: ['203.0.113.12'], userAgent: 'curl/8.5.0' },
      'Assumed from 203.0.113.12 with aws-cli, used from 203.0.113.12 with curl. The user agent differs.',
    ],
    [
      'calls kubectl after any other program different',
      chainFrom('203.0.113.12', 'Boto3/1.38.30 md/Botocore#1.38.30'),
      { ips: ['203.0.113.12'], userAgent: 'kubectl/v1.33.2' },
      'Assumed from 203.0.113.12 with Boto3, used from 203.0.113.12 with kubectl. The user agent differs.',
    ],
    ['is not shown without the request', chainFrom('203.0.113.12'), undefined, undefined],
    ['is not shown without the call of the grant', chainFrom(), { ips: ['192.0.2.1'] }, undefined],
  ])('%s', (_, chain, source, expected) => {
    expect(usedFrom(chain, source)).toBe(expected);
  });
});

describe('where the credentials of requests in a list were used', () => {
  const from = (...ips: readonly string[]) =>
    usedElsewhere(
      chainFrom('203.0.113.12', 'aws-cli/2.27.40'),
      ips.map((ip) => ({ ips: [ip] })),
    );

  it('is shown if one public source IP is another one than that of the grant', () => {
    expect(from('203.0.113.12', '45.83.64.11')).toBe(
      'Assumed from 203.0.113.12 with aws-cli, used from 203.0.113.12 and from 45.83.64.11. The source IP differs.',
    );
  });

  it('is not shown for a sign-in, whose grant has an address of AWS', () => {
    const signIn = chainFrom('52.94.133.130', 'aws-internal/3 aws-sdk-java/1.12.780');
    expect(usedElsewhere(signIn, [{ ips: ['198.51.100.22'] }])).toBeUndefined();
  });

  it('is not shown if all are the same or private, as behind a private endpoint', () => {
    expect([from('203.0.113.12'), from('10.0.3.4', '172.20.1.1', '192.168.0.9', '100.64.0.1', 'fd00::1')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
