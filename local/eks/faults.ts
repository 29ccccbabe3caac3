import { stsBody } from './query-services.ts';
import { type Answer, type Fault, type Request, refusal, type World } from './world.ts';

/** What the first fault that concerns the request makes of it; undefined where none does. */
export function faultAnswer(world: World, faults: readonly Fault[], request: Request): Answer | undefined {
  const fault = faults.find(
    ({ operation = request.operation, region = request.region }) =>
      operation === request.operation && region === request.region,
  );
  return fault && BY_KIND[fault.kind](world, request);
}

/** The names under which each service refuses: EKS, EC2 and STS API References, "Common errors". */
const BY_KIND: Readonly<Record<Fault['kind'], (world: World, request: Request) => Answer>> = {
  denied: (world, request) =>
    refusal(
      403,
      nameFor(request, 'AccessDeniedException', 'UnauthorizedOperation', 'AccessDenied'),
      deniedMessage(world, request),
    ),
  expired: (_, request) =>
    refusal(
      403,
      nameFor(request, 'ExpiredTokenException', 'RequestExpired', 'ExpiredToken'),
      'The security token included in the request is expired',
    ),
  throttled: (_, request) =>
    refusal(400, nameFor(request, 'ThrottlingException', 'RequestLimitExceeded', 'Throttling'), 'Rate exceeded'),
  internal: (_, request) =>
    refusal(
      500,
      nameFor(request, 'ServerException', 'InternalError', 'InternalFailure'),
      'An internal error has occurred',
    ),
  garbage: () => ({ kind: 'garbage' }),
  empty: (_, request) => ({ kind: 'answer', body: emptyBody(request) }),
  reset: () => ({ kind: 'reset' }),
};

/** AWS's word where the access key is nobody's; undefined for one that it knows. */
export function unknownKey({ callers }: World, request: Request): Answer | undefined {
  if (request.accessKeyId in callers) return undefined;
  const name = nameFor(request, 'UnrecognizedClientException', 'AuthFailure', 'InvalidClientTokenId');
  return refusal(403, name, 'The security token included in the request is invalid.');
}

function nameFor({ service }: Request, eks: string, ec2: string, sts: string): string {
  return service === 'eks' ? eks : service === 'ec2' ? ec2 : sts;
}

function deniedMessage({ callers }: World, { accessKeyId, service, operation }: Request): string {
  const action = `${service}:${operation}`;
  return `User: ${callers[accessKeyId] ?? accessKeyId} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
}

function emptyBody({ service, operation }: Request): string {
  if (service === 'eks') return '{}';
  return service === 'sts'
    ? stsBody(operation, '')
    : `<${operation}Response><requestId>stand-in</requestId></${operation}Response>`;
}
