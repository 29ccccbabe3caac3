import { arnOf, type Output, type Resource, type Resources, ref, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionId, titleOf } from './deployment.ts';
import { logGroup } from './log-groups.ts';

/** The paths that the API answers. */
export const PATHS = [
  '/whois',
  '/records',
  '/known',
  '/sessions',
  '/related',
  '/changes',
  '/summary',
  '/fleet',
  '/notes',
] as const;

/** The paths to which clients may also post. The API stores what they post. */
export const POST_PATHS = ['/notes'] as const;

/**
 * The paths of the page. They need no sign-in, because the page holds no secrets. A browser can sign requests only
 * after it has loaded the page.
 */
const PAGE_PATHS = ['/', '/console/{file}'] as const;

/** The routes, and the function that answers each. */
export const ROUTES: readonly Route[] = [
  ...PATHS.map((path) => ({ to: 'api', method: 'GET', path }) as const),
  ...POST_PATHS.map((path) => ({ to: 'api', method: 'POST', path }) as const),
  ...PAGE_PATHS.map((path) => ({ to: 'console', method: 'GET', path }) as const),
];

interface Route {
  readonly to: 'api' | 'console';
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** The access log. It has the caller but never the query, because queries name people. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  user: '$context.identity.userArn',
  subject: '$context.authorizer.claims.sub',
};

/**
 * The requests a second that the API allows. Analysts search by hand. A script in a loop must not use up CloudTrail's
 * quota.
 */
const THROTTLING = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };

/** Returns an HTTP API with its stage, authorizer and routes, with the logical IDs that osls would use. */
export function apiResources(of: Deployment): Resources {
  if (of.stack !== 'hub') return {};
  return {
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: of.prefix, ProtocolType: 'HTTP' } },
    HttpApiLogGroup: logGroup(of, `/aws/http-api/${of.prefix}`),
    HttpApiStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ApiId: ref('HttpApi'),
        StageName: '$default',
        AutoDeploy: true,
        DefaultRouteSettings: THROTTLING,
        AccessLogSettings: { DestinationArn: arnOf('HttpApiLogGroup'), Format: JSON.stringify(ACCESS_LOG) },
      },
    },
    ...authorizers(of),
    ...integration('api'),
    ...integration('console'),
    ...Object.fromEntries(ROUTES.map((each) => [routeId(each), route(of, each)])),
  };
}

/** Returns the JWT authorizer, if tokens are used. IAM needs none. */
function authorizers({ authorizer, jwtIssuer, jwtAudience }: Deployment): Resources {
  if (authorizer === 'iam') return {};
  return {
    HttpApiAuthorizerAnalysts: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: ref('HttpApi'),
        Name: 'analysts',
        IdentitySource: ['$request.header.Authorization'],
        AuthorizerType: 'JWT',
        JwtConfiguration: { Audience: jwtAudience, Issuer: jwtIssuer ?? '' },
      },
    },
  };
}

function integration(name: Route['to']): Resources {
  return {
    [`${titleOf(name)}LambdaPermissionHttpApi`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: arnOf(functionId(name)),
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: sub('arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*'),
      },
    },
    [integrationId(name)]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: ref('HttpApi'),
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arnOf(functionId(name)),
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 30_000,
      },
    },
  };
}

function integrationId(name: Route['to']): string {
  return `HttpApiIntegration${titleOf(name)}`;
}

function routeId({ method, path }: Route): string {
  const words = path
    .replace(/\{(\w+)\}/g, (_, name: string) => `${name}Var`)
    .split('/')
    .filter((word) => word !== '');
  return `HttpApiRoute${titleOf(method.toLowerCase())}${words.map(titleOf).join('')}`;
}

function route(of: Deployment, { to, method, path }: Route): Resource {
  return {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('HttpApi'),
      RouteKey: `${method} ${path}`,
      Target: { 'Fn::Join': ['/', ['integrations', ref(integrationId(to))]] },
      ...(to === 'console' ? {} : authorization(of)),
    },
  };
}

function authorization({ authorizer, jwtScopes }: Deployment): Readonly<Record<string, Value>> {
  if (authorizer === 'iam') return { AuthorizationType: 'AWS_IAM' };
  return {
    AuthorizationType: 'JWT',
    AuthorizerId: ref('HttpApiAuthorizerAnalysts'),
    ...(jwtScopes.length > 0 ? { AuthorizationScopes: jwtScopes } : {}),
  };
}

/**
 * Returns the custom domain of the API and its page, if one is given. The owner of the DNS zone points it at the output
 * DomainTarget.
 */
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
      Description: 'The target for the DNS record of domainName (alias or CNAME)',
      Value: { 'Fn::GetAtt': ['ApiDomain', 'RegionalDomainName'] },
    },
  };
}
