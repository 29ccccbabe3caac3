import { vpcOf } from './eks-service.ts';
import { type Answer, pageOf, type Request, refusal, type World } from './world.ts';

/** EC2's query interface: DescribeNetworkInterfaces (by description and VPC) and DescribeRegions. */
export function answerEc2(world: World, request: Request): Answer {
  switch (request.operation) {
    case 'DescribeNetworkInterfaces':
      return describeNetworkInterfaces(world, request);
    case 'DescribeRegions':
      return ec2Answer(
        request,
        `<regionInfo>${world.regions.map((name) => item(`<regionName>${name}</regionName>`)).join('')}</regionInfo>`,
      );
    default:
      return refusal(400, 'InvalidAction', `The action ${request.operation} is not valid for this web service.`);
  }
}

function describeNetworkInterfaces(world: World, request: Request): Answer {
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

function ec2Answer({ operation }: Request, content: string): Answer {
  const body = `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>stand-in</requestId>${content}</${operation}Response>`;
  return { kind: 'answer', body };
}

/** STS's query interface: GetCallerIdentity, and AssumeRole, which anybody may. */
export function answerSts({ accountId, callers }: World, request: Request): Answer {
  if (request.operation === 'AssumeRole') return { kind: 'answer', body: stsBody('AssumeRole', ISSUED) };
  if (request.operation !== 'GetCallerIdentity') {
    return refusal(400, 'InvalidAction', `Could not find operation ${request.operation} for version 2011-06-15`);
  }
  const identity = `<Arn>${callers[request.accessKeyId]}</Arn><UserId>AIDASTANDIN</UserId><Account>${accountId}</Account>`;
  return { kind: 'answer', body: stsBody('GetCallerIdentity', identity) };
}

const ISSUED =
  '<Credentials><AccessKeyId>ASIASTANDIN000000001</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>' +
  '<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>';

export function stsBody(operation: string, result: string): string {
  return `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${result}</${operation}Result></${operation}Response>`;
}
