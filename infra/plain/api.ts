import { arnOf, type Resource, type Resources, ref, type Value } from '../cloudformation.ts';
import { type Deployment, functionId, functionsOf } from '../deployment.ts';
import { functionDefinitions, httpApi, type RouteEvent, routeId, THROTTLING } from '../functions.ts';
import type { FunctionName } from '../parameters.ts';
import { apiPermission, logGroup, titleOf } from './functions.ts';

/** Who asked, never what for: questions name people. The same as in serverless.yml, which a test compares. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  user: '$context.identity.userArn',
  subject: '$context.authorizer.claims.sub',
};

/** What osls makes of the functions' routes: an HTTP API, its stage, its authorizer. */
export function apiResources(of: Deployment): Resources {
  if (of.stack !== 'hub') return {};
  const definitions = functionDefinitions(of);
  const routed = functionsOf(of).flatMap((name) => {
    const routes = (definitions[name]?.events ?? []).flatMap(({ httpApi: route }) => route ?? []);
    return routes.length === 0 ? [] : [ofFunction(name, routes)];
  });
  return { ...shell(of), ...authorizers(of), ...Object.assign({}, ...routed) };
}

function shell(of: Deployment): Resources {
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
  };
}

function authorizers(of: Deployment): Resources {
  const { authorizers: all = undefined } = httpApi(of);
  if (all === undefined) return {};
  const { identitySource, issuerUrl, audience } = all.analysts;
  return {
    HttpApiAuthorizerAnalysts: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: ref('HttpApi'),
        Name: 'analysts',
        IdentitySource: [identitySource],
        AuthorizerType: 'JWT',
        JwtConfiguration: { Audience: audience, Issuer: issuerUrl },
      },
    },
  };
}

function ofFunction(name: FunctionName, routes: readonly RouteEvent[]): Resources {
  const integration = `HttpApiIntegration${titleOf(name)}`;
  return {
    [`${titleOf(name)}LambdaPermissionHttpApi`]: apiPermission(name),
    [integration]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: ref('HttpApi'),
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arnOf(functionId(name)),
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 30_000,
      },
    },
    ...Object.fromEntries(routes.map((each) => [idOf(each), route(each, integration)])),
  };
}

function idOf({ method, path }: RouteEvent): string {
  return routeId(method === 'GET' ? 'Get' : 'Post', path);
}

function route({ method, path, authorizer }: RouteEvent, integration: string): Resource {
  return {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('HttpApi'),
      RouteKey: `${method} ${path}`,
      Target: { 'Fn::Join': ['/', ['integrations', ref(integration)]] },
      ...authorization(authorizer),
    },
  };
}

function authorization(authorizer: RouteEvent['authorizer']): Readonly<Record<string, Value>> {
  if (authorizer === undefined) return {};
  if ('type' in authorizer) return { AuthorizationType: 'AWS_IAM' };
  const { scopes } = authorizer;
  return {
    AuthorizationType: 'JWT',
    AuthorizerId: ref('HttpApiAuthorizerAnalysts'),
    ...(scopes === undefined ? {} : { AuthorizationScopes: scopes }),
  };
}
