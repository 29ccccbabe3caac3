import { describe, expect, it } from 'vitest';
import { changeText } from '../../lib/cloudtrail/cluster-change.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { eksCall } from '../builders/trail-records.ts';

function changeOf(record: JsonObject) {
  const facts = parseTrailRecord(record);
  return typeof facts === 'string' ? undefined : facts.clusterChange;
}

function textOf(eventName: string, requestParameters: JsonObject, more: JsonObject = {}): string {
  const change = changeOf(eksCall(eventName, requestParameters, more));
  return change === undefined ? 'no change' : changeText(change);
}

const EVE = 'arn:aws:iam::111122223333:role/eve';
const ADMIN = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy';

describe('a call of the EKS API', () => {
  it('says to which cluster it was made, when, by whom and from where', () => {
    expect(changeOf(eksCall('CreateAccessEntry', { principalArn: EVE, kubernetesGroups: ['admins'] }))).toEqual({
      eventName: 'CreateAccessEntry',
      eventId: 'e7a00000-0000-4000-8000-000000000001',
      at: Date.parse('2026-03-10T12:00:00Z'),
      cluster: 'prod',
      accountId: '111122223333',
      region: 'eu-west-1',
      principalArn: EVE,
      groups: ['admins'],
      caller: {
        arn: 'arn:aws:iam::111122223333:user/alice',
        principalId: 'AIDAALICE000000000000',
        accountId: '111122223333',
        accessKeyId: 'AKIAALICE00000000001',
      },
      ip: '198.51.100.7',
      userAgent: 'aws-cli/2.32.0',
    });
  });

  it('gives an access policy: the ARN in the path of the call is encoded', () => {
    const principalArn = encodeURIComponent(EVE);
    const request = {
      principalArn,
      policyArn: ADMIN,
      accessScope: { type: 'namespace', namespaces: ['shop', 'bank'] },
    };
    expect(textOf('AssociateAccessPolicy', request)).toBe(`${EVE}, policy ${ADMIN}, for namespace shop, bank`);
    expect(textOf('DisassociateAccessPolicy', { principalArn: 'arn%3Aaws%zz', policyArn: ADMIN })).toBe(
      `arn%3Aaws%zz, policy ${ADMIN}`,
    );
  });

  it('turns logs off, opens the endpoint, changes who decides', () => {
    const logging = {
      clusterLogging: [
        { types: ['api', 'audit'], enabled: false },
        { types: ['scheduler'], enabled: true },
      ],
    };
    expect(textOf('UpdateClusterConfig', { logging })).toBe('logs off: api, audit, logs on: scheduler');
    const resourcesVpcConfig = { endpointPublicAccess: true, publicAccessCidrs: ['0.0.0.0/0'] };
    expect(textOf('UpdateClusterConfig', { resourcesVpcConfig })).toBe('public endpoint on, open to 0.0.0.0/0');
    expect(textOf('UpdateClusterConfig', { accessConfig: { authenticationMode: 'API' } })).toBe(
      'authentication mode API',
    );
  });

  it('adds an identity provider, or the role of a service account', () => {
    const oidc = { identityProviderConfigName: 'own', issuerUrl: 'https://idp.example.com', clientId: 'x' };
    expect(textOf('AssociateIdentityProviderConfig', { oidc })).toBe(
      'identity provider own, of https://idp.example.com',
    );
    const request = { namespace: 'shop', serviceAccount: 'web', roleArn: EVE };
    const responseElements = { association: { associationId: 'a-1' } };
    expect(textOf('CreatePodIdentityAssociation', request, { responseElements })).toBe(
      `role ${EVE}, for the service account shop:web, association a-1`,
    );
  });

  it('says why it failed', () => {
    expect(textOf('CreateAccessEntry', { principalArn: EVE }, { errorCode: 'AccessDenied' })).toBe(
      `${EVE}, failed: AccessDenied`,
    );
  });

  it('is none if it changes nothing of this, comes from elsewhere, or has no readable time', () => {
    expect(textOf('DescribeCluster', {})).toBe('no change');
    expect(textOf('CreateAccessEntry', {}, { eventSource: 'evil.example.com' })).toBe('no change');
    expect(textOf('CreateAccessEntry', {}, { eventTime: 'yesterday' })).toBe('no change');
  });

  it('keeps texts and lists of limited length', () => {
    const change = changeOf(
      eksCall('CreateAccessEntry', {
        principalArn: 'x'.repeat(9_999),
        kubernetesGroups: Array.from({ length: 99 }, () => 'y'.repeat(9_999)),
      }),
    );
    expect(JSON.stringify(change).length).toBeLessThan(10_000);
  });
});
