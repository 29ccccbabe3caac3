import { type EksRequest, vpcOf, type World } from './eks-world.ts';
import { type AwsAnswer, pageOf, refused, xml } from './server.ts';

/** Answers EC2's query interface: DescribeNetworkInterfaces (by description and VPC) and DescribeRegions. */
export function answerEc2(world: World, request: EksRequest): AwsAnswer {
  switch (request.operation) {
    case 'DescribeNetworkInterfaces':
      return describeNetworkInterfaces(world, request);
    case 'DescribeRegions':
      return ec2Answer(
        request,
        `<regionInfo>${world.regions.map((name) => item(`<regionName>${name}</regionName>`)).join('')}</regionInfo>`,
      );
    default:
      return refusedBy(
        request,
        'InvalidAction',
        `The action ${request.operation} is not valid for this web service.`,
        400,
      );
  }
}

function describeNetworkInterfaces(world: World, request: EksRequest): AwsAnswer {
  const description = filterOf(request.parameters, 'description');
  const vpc = filterOf(request.parameters, 'vpc-id');
  const found = world.clusters
    .filter((cluster) => cluster.region === request.region && description === `Amazon EKS ${cluster.name}`)
    .filter((cluster) => vpc === undefined || vpc === vpcOf(cluster))
    .flatMap(({ addresses = [] }) => addresses);
  const { page, next } = pageOf(found, request.parameters.get('NextToken'), world.pageSize ?? 1_000);
  const items = page.map((address) => item(`<privateIpAddress>${address}</privateIpAddress>`)).join('');
  const token = next === undefined ? '' : `<nextToken>${next}</nextToken>`;
  return ec2Answer(request, `<networkInterfaceSet>${items}</networkInterfaceSet>${token}`);
}

function filterOf(parameters: URLSearchParams, name: string): string | undefined {
  for (let number = 1; parameters.has(`Filter.${number}.Name`); number += 1) {
    if (parameters.get(`Filter.${number}.Name`) === name)
      return parameters.get(`Filter.${number}.Value.1`) ?? undefined;
  }
  return undefined;
}

function item(content: string): string {
  return `<item>${content}</item>`;
}

function ec2Answer({ operation }: EksRequest, content: string): AwsAnswer {
  const body = `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>stand-in</requestId>${content}</${operation}Response>`;
  return xml(body);
}

/** Answers STS's query interface: GetCallerIdentity, and AssumeRole, which everybody may call. */
export function answerSts({ accountId, callers }: World, request: EksRequest): AwsAnswer {
  if (request.operation === 'AssumeRole') return stsAnswer('AssumeRole', credentialsOf('ASIASTANDIN000000001'));
  if (request.operation !== 'GetCallerIdentity') {
    return refusedBy(
      request,
      'InvalidAction',
      `Could not find operation ${request.operation} for version 2011-06-15`,
      400,
    );
  }
  const identity = `<Arn>${callers[request.accessKeyId]}</Arn><UserId>AIDASTANDIN</UserId><Account>${accountId}</Account>`;
  return stsAnswer('GetCallerIdentity', identity);
}

export function credentialsOf(accessKeyId: string): string {
  const key = `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>`;
  const more = '<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>';
  return `<Credentials>${key}${more}</Credentials>`;
}

export function stsAnswer(operation: string, result: string): AwsAnswer {
  return xml(
    `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${result}</${operation}Result></${operation}Response>`,
  );
}

/** Returns an error in the service's own form. */
export function refusedBy({ service }: EksRequest, name: string, message: string, status: number): AwsAnswer {
  if (service === 'eks') return refused(name, message, status);
  const error = `<Code>${name}</Code><Message>${message}</Message>`;
  const body =
    service === 'ec2'
      ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>stand-in</RequestID></Response>`
      : `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`;
  return xml(body, status);
}
