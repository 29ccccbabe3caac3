import { describe, expect, it, test } from 'vitest';
import { isInRequiredGroup, pathOf } from '../../functions/http/request.ts';

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
