import { describe, expect, test } from 'vitest';
import { tableFailure } from '../../cli/access/table-access.ts';
import { ServiceError } from '../../cli/failures/command-error.ts';
import { problemOf } from '../../functions/http/problem.ts';
import { asAwsError } from '../../lib/adapters/aws/aws-error.ts';
import { type AwsErrorKind, isTransient, kindOf } from '../../lib/adapters/aws/error-kinds.ts';
import { asLookupError, isWorthRetrying } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { ContentionError } from '../../lib/adapters/dynamodb/change-item.ts';
import { UnprocessedError } from '../../lib/adapters/dynamodb/database.ts';

/** An error as the SDK throws it where a service refused. */
function refused(name: string, status = 400, message = 'not this time'): Error {
  const $fault = status >= 500 ? 'server' : 'client';
  return Object.assign(new Error(message), { name, $fault, $metadata: { httpStatusCode: status, attempts: 1 } });
}

/** An error of Node's, as the SDK hands it on. */
function broken(code: string): Error {
  return Object.assign(new Error(''), { code, $metadata: { attempts: 3 } });
}

const CALL = { action: 'eks:DescribeCluster', region: 'eu-west-1', profile: undefined };

test.each<[AwsErrorKind, boolean, readonly Error[]]>([
  [
    'throttled',
    true,
    [
      refused('ThrottlingException'),
      refused('RequestLimitExceeded', 503),
      refused('ProvisionedThroughputExceededException'),
      refused('EC2ThrottledException'),
      refused('SlowDown', 503),
      refused('Unnamed', 429),
      new UnprocessedError('DynamoDB is throttling'),
    ],
  ],
  [
    'denied',
    false,
    [refused('AccessDeniedException'), refused('UnauthorizedOperation', 403), refused('OptInRequired')],
  ],
  ['no-credentials', false, [Object.assign(new Error('none'), { name: 'CredentialsProviderError' })]],
  [
    'expired-credentials',
    false,
    [
      refused('ExpiredTokenException'),
      refused('RequestExpired'),
      Object.assign(new Error('The SSO session has expired'), { name: 'CredentialsProviderError' }),
    ],
  ],
  ['unknown-credentials', false, [refused('UnrecognizedClientException'), refused('InvalidClientTokenId', 403)]],
  ['not-found', false, [refused('ResourceNotFoundException'), refused('NoSuchEntityException', 404)]],
  ['no-region', false, [new Error('Region is missing')]],
  [
    'unreachable',
    true,
    [
      broken('ECONNREFUSED'),
      broken('ENOTFOUND'),
      broken('EPIPE'),
      broken('ERR_SOCKET_CONNECTION_TIMEOUT'),
      Object.assign(new Error('slow'), { name: 'TimeoutError' }),
    ],
  ],
  ['untrusted', false, [broken('SELF_SIGNED_CERT_IN_CHAIN'), broken('UNABLE_TO_VERIFY_LEAF_SIGNATURE')]],
  ['exhausted', true, [broken('EMFILE'), broken('ENOBUFS')]],
  ['no-answer', true, [new SyntaxError('Unexpected token <'), new Error('@aws-sdk XML parse error: no root element.')]],
  ['server', true, [refused('InternalServerError', 500), refused('ServiceUnavailableException', 503)]],
  ['invalid', false, [refused('ValidationException'), refused('InvalidParameterException')]],
  ['failed', false, [refused('ResourceInUseException'), new Error('something else'), broken('ENOENT')]],
])('%s may be temporary: %s', (kind, passes, errors) => {
  for (const error of errors) expect([error.name, kindOf(error)]).toEqual([error.name, kind]);
  expect(isTransient(kind)).toBe(passes);
  for (const error of errors) expect(isWorthRetrying(asLookupError(error))).toBe(passes);
});

test('a thrown value that is no error has no kind', () => {
  expect(kindOf('ThrottlingException')).toBe('failed');
  expect(kindOf(undefined)).toBe('failed');
});

describe('if the places judged differently before', () => {
  test('a table that does not exist, or may not be read, is no reason to query the API again', () => {
    for (const name of ['ResourceNotFoundException', 'AccessDeniedException', 'UnrecognizedClientException']) {
      expect(problemOf(refused(name)).status).toBe(500);
      expect(tableFailure(refused(name), 'prod')).not.toBeInstanceOf(ServiceError);
    }
  });

  test('temporary trouble is a reason to retry, by the API as by the tables', () => {
    for (const error of [
      refused('ThrottlingException'),
      refused('InternalServerError', 500),
      broken('ECONNRESET'),
      broken('EMFILE'),
      new UnprocessedError('DynamoDB is throttling'),
      new SyntaxError('Unexpected token <'),
    ]) {
      expect(problemOf(error).status).toBe(503);
      expect(tableFailure(error, 'prod')).toBeInstanceOf(ServiceError);
    }
    expect(problemOf(new ContentionError('changed by others')).status).toBe(503);
  });

  test('a missing file is no network trouble', () => {
    expect(problemOf(broken('ENOENT')).status).toBe(500);
    expect(tableFailure(broken('ENOENT'), 'prod')).not.toBeInstanceOf(ServiceError);
  });

  test('an account without the service is denied: another sign-in does not help', () => {
    expect(asLookupError(refused('OptInRequired', 403)).gap).toBe('denied');
    expect(asAwsError(refused('OptInRequired', 403), CALL).kind).toBe('denied');
  });

  test.each(['UnauthorizedException', 'ForbiddenException', 'NotAuthorized'])('%s is a denial everywhere', (name) => {
    expect(asLookupError(refused(name)).gap).toBe('denied');
    expect(tableFailure(refused(name), 'prod').message).toContain('you do not have the permission');
  });

  test('credentials that AWS refuses are reported as such by the tables too, whatever AWS calls it', () => {
    for (const name of ['InvalidSignatureException', 'IncompleteSignature', 'MissingAuthenticationTokenException'])
      expect(tableFailure(refused(name), 'prod').message).toContain('AWS does not accept the credentials');
  });

  test('an SSO session that has ended asks to sign in again, by the tables too', () => {
    const ended = Object.assign(new Error('Token is expired.'), { name: 'CredentialsProviderError' });
    expect(tableFailure(ended, 'prod').message).toContain('have expired. Sign in again');
  });

  test('a denial is one even if AWS quotes a name that contains xml', () => {
    const denied = refused('AccessDeniedException', 400, 'not authorized on cluster xml: unexpected token');
    expect(asAwsError(denied, CALL).kind).toBe('denied');
  });

  test("a gateway's page instead of an answer is AWS's trouble", () => {
    const page = Object.assign(new SyntaxError('Unexpected token <'), { $metadata: { httpStatusCode: 503 } });
    expect(kindOf(page)).toBe('server');
  });

  test('a machine without open files is reported as that', () => {
    expect(asAwsError(broken('EMFILE'), CALL).message).toBe(
      'This machine ran out of open files or connections for eks:DescribeCluster in eu-west-1 (EMFILE): end the programs that hold them, or raise the limit (ulimit -n).',
    );
  });

  test('a certificate that is not trusted is reported with what to do, and not retried', () => {
    const error = broken('SELF_SIGNED_CERT_IN_CHAIN');
    expect(asAwsError(error, CALL).message).toContain('NODE_EXTRA_CA_CERTS');
    expect(asLookupError(error).message).toContain('NODE_EXTRA_CA_CERTS');
    expect(asLookupError(error).message).not.toContain('refused');
  });
});
