import { type Output, type Resources, ref } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';

/** A name of one's own for the API and its page, where one is given; whoever has the zone points it at the output's target. */
export function domainResources(of: Deployment): Resources {
  if (of.stack !== 'hub' || of.domainName === undefined) return {};
  const configuration = {
    CertificateArn: of.domainCertificateArn ?? '',
    EndpointType: 'REGIONAL',
    SecurityPolicy: 'TLS_1_2',
  };
  return {
    ApiDomain: {
      Type: 'AWS::ApiGatewayV2::DomainName',
      Properties: { DomainName: of.domainName, DomainNameConfigurations: [configuration] },
    },
    ApiDomainMapping: {
      Type: 'AWS::ApiGatewayV2::ApiMapping',
      Properties: { ApiId: ref('HttpApi'), DomainName: ref('ApiDomain'), Stage: ref('HttpApiStage') },
    },
  };
}

export function domainOutputs(of: Deployment): Record<string, Output> {
  if (of.stack !== 'hub' || of.domainName === undefined) return {};
  return {
    DomainTarget: {
      Description: 'What the own name is to point at (an alias or CNAME record)',
      Value: { 'Fn::GetAtt': ['ApiDomain', 'RegionalDomainName'] },
    },
  };
}
