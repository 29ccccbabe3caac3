import { describe, expect, it, test } from 'vitest';
import { isInRequiredGroup, pathOf, questionToLog } from '../../functions/http/request.ts';

describe('the question that a request asks', () => {
  it.each([
    ['GET /whois', '/whois', '/whois'],
    ['GET /whois', '/eks/v1/whois', '/whois'],
    ['GET /records', '/records/whois', '/records'],
    ['$default', '/elsewhere', '/elsewhere'],
    ['ANY *', '/elsewhere', '/elsewhere'],
    [undefined, '/sessions', '/sessions'],
  ])('is by the route %s, whatever mapping key stands in %s: %s', (routeKey, rawPath, path) => {
    expect(pathOf({ rawPath, ...(routeKey !== undefined && { routeKey }) })).toBe(path);
  });
});

describe('the log of a question', () => {
  const logged = (rawQueryString: string, authorizer: object = {}) =>
    questionToLog({ routeKey: 'GET /records', rawPath: '/', rawQueryString, requestContext: { authorizer } } as never);

  it('has who asks, as the authorizer states it, and each value of each parameter', () => {
    const userArn = 'arn:aws:sts::111122223333:assumed-role/analyst/ana';
    expect(logged('actor=bob&verb=get&verb=list&from=2026-03-10T00%3A00%3A00Z', { iam: { userArn } })).toEqual({
      path: '/records',
      who: { id: userArn },
      parameters: { actor: ['bob'], verb: ['get', 'list'], from: ['2026-03-10T00:00:00Z'] },
    });
    expect(logged('', { jwt: { claims: { sub: 'u-1', username: 'ana' } } })).toMatchObject({
      who: { id: 'u-1', name: 'ana', nameIs: 'stated' },
    });
    expect(logged('')).toMatchObject({ who: undefined, parameters: {} });
  });

  it('has only the length of a pasted text, which may hold a secret, and no cursor, which holds parts of a record', () => {
    const pasted = `q=${'x'.repeat(201)}&cursor=abc&quick=true`;
    expect(logged(pasted).parameters).toEqual({ q: ['201 characters'], quick: ['true'] });
  });
});

describe('a token', () => {
  const GROUPS = { claim: 'groups', anyOf: ['security', 'site admins'] };
  const token = (claims: object) =>
    `Bearer eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmVk`;

  it.each<[object, boolean]>([
    [{ groups: ['ops', 'security'] }, true],
    [{ groups: 'security' }, true],
    [{ groups: ['site admins'] }, true],
    [{ groups: ['security team'] }, false],
    [{ groups: 'ops security' }, false],
    [{ groups: [['security']] }, false],
    [{ groups: [] }, false],
    [{ roles: ['security'] }, false],
    [{}, false],
  ])('with the claims %j may ask: %s', (claims, may) => {
    expect(isInRequiredGroup(token(claims), GROUPS)).toBe(may);
    expect(isInRequiredGroup(token(claims), { claim: 'groups', anyOf: [] })).toBe(true);
  });

  test.each([undefined, '', 'Bearer', 'Bearer a.b.c', 'AWS4-HMAC-SHA256 Credential=x'])(
    'that is none may not: %s',
    (text) => {
      expect(isInRequiredGroup(text, GROUPS)).toBe(false);
    },
  );

  it('is checked by the configured claim', () => {
    expect(isInRequiredGroup(token({ 'cognito:groups': ['security'] }), { ...GROUPS, claim: 'cognito:groups' })).toBe(
      true,
    );
    expect(isInRequiredGroup(token({}), { claim: '__proto__', anyOf: ['security'] })).toBe(false);
  });
});
