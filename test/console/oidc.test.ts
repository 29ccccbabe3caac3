import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  challengeOf,
  checkIdToken,
  codeIn,
  discover,
  type Issuer,
  IssuerRefusal,
  secret,
  tokensFor,
  wayOf,
} from '../../console/page/core/oidc.ts';
import { portOf, stop } from '../../local/loopback/guard.ts';

/** An issuer on this machine: what it answers, and what it was told. */
let server: Server;
let url = '';
let answer: { readonly status: number; readonly body: string } = { status: 200, body: '{}' };
const told: { readonly path: string; readonly body: string }[] = [];

beforeEach(async () => {
  told.length = 0;
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      told.push({ path: request.url ?? '', body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${portOf(server)}`;
});
afterEach(() => stop(server));

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

const answering = (body: object, status = 200) => {
  answer = { status, body: JSON.stringify(body) };
};
const said = (more: object = {}) => ({
  issuer: url,
  authorization_endpoint: `${url}/auth`,
  token_endpoint: `${url}/token`,
  ...more,
});

describe('what an issuer says of itself', () => {
  it('is asked for under its well-known address, whether or not it is written with a slash at its end', async () => {
    answering(said({ issuer: `${url}/` }));
    expect(await discover(`${url}/`)).toEqual({
      issuer: `${url}/`,
      authorizationEndpoint: `${url}/auth`,
      tokenEndpoint: `${url}/token`,
      namesItself: false,
    });
    expect(told).toEqual([{ path: '/.well-known/openid-configuration', body: '' }]);
  });

  it('is not taken of another issuer, nor with an endpoint that is not protected', async () => {
    answering(said({ issuer: 'https://another.example' }));
    await expect(discover(url)).rejects.toThrow('another one');
    answering(said({ token_endpoint: 'http://issuer.example/token' }));
    await expect(discover(url)).rejects.toThrow('protected by TLS');
    answering({ issuer: url });
    await expect(discover(url)).rejects.toThrow('protected by TLS');
    await expect(discover('http://issuer.example')).rejects.toThrow('protected by TLS');
    answering({}, 404);
    await expect(discover(url)).rejects.toThrow('answered 404');
  });
});

describe('what is sent along', () => {
  it('is a secret that differs each time, and of it what may be seen', async () => {
    expect(secret()).toMatch(/^[\w-]{43}$/);
    expect(secret()).not.toBe(secret());
    // RFC 7636, appendix B
    expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });
});

describe('the way back', () => {
  const issuer: Issuer = {
    issuer: 'https://issuer.example',
    authorizationEndpoint: 'https://issuer.example/auth',
    tokenEndpoint: 'https://issuer.example/token',
    namesItself: false,
  };
  const back = (query: string, of: Issuer = issuer) => codeIn(new URLSearchParams(query), 's', of);

  it('has the code, of the very question that was put', () => {
    expect(back('state=s&code=c')).toBe('c');
    expect(back('state=s&code=c&iss=https%3A%2F%2Fissuer.example')).toBe('c');
  });

  it.each([
    ['another state', 'state=t&code=c', 'another question'],
    ['no state', 'code=c', 'another question'],
    ['two states, one of them right', 'state=s&state=t&code=c', 'several values'],
    ['no code', 'state=s', 'no code'],
    ['another issuer', 'state=s&code=c&iss=https%3A%2F%2Fevil.example', 'not of this issuer'],
  ])('is refused with %s', (_, query, why) => {
    expect(() => back(query)).toThrow(why);
  });

  it('must name the issuer where that one always does', () => {
    expect(() => back('state=s&code=c', { ...issuer, namesItself: true })).toThrow('not of this issuer');
  });

  it('tells in its own words why the issuer refuses', () => {
    expect(() => back('state=s&error=access_denied&error_description=Not+you')).toThrow(new IssuerRefusal('Not you'));
  });
});

describe('tokens', () => {
  const asked = () => tokensFor({ grant_type: 'refresh_token' }, { tokenEndpoint: `${url}/token` });

  it('come for what the issuer is told, as a form', async () => {
    answering({ access_token: 'a', token_type: 'Bearer', id_token: 'i', refresh_token: 'r', expires_in: 60 });
    expect(await asked()).toEqual({ accessToken: 'a', idToken: 'i', refreshToken: 'r', expiresIn: 60 });
    expect(told).toEqual([{ path: '/token', body: 'grant_type=refresh_token' }]);
  });

  it('are a refusal where the issuer says so, and else a failure that may pass', async () => {
    answering({ error: 'invalid_grant', error_description: 'It is over.' }, 400);
    await expect(asked()).rejects.toThrow(new IssuerRefusal('It is over.'));
    answering({ error: 'server_error' }, 503);
    await expect(asked()).rejects.toThrow('gave no token (503)');
    answering({ access_token: 'a', token_type: 'DPoP' });
    await expect(asked()).rejects.toThrow('another type');
    answer = { status: 200, body: '<html>' };
    await expect(asked()).rejects.toThrow('gave no token (200)');
  });
});

describe('an ID token', () => {
  const NOW = Date.parse('2026-03-10T08:00:00Z');
  const seconds = NOW / 1_000;
  const CLAIMS = { iss: 'https://i', sub: 'ana', aud: 'console', nonce: 'n', exp: seconds + 60, iat: seconds };
  const tokenOf = (claims: object) =>
    ['{"alg":"RS256"}', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
  const check = (claims: object, nonce: string | undefined = 'n') =>
    checkIdToken(tokenOf(claims), { issuer: 'https://i', clientId: 'console', nonce, now: NOW });

  it('is taken where it is of the issuer, for the page, and answers its question; names may have any letters', () => {
    check({ ...CLAIMS, name: 'Chloé Ólafsdóttir 漢字' });
    check({ ...CLAIMS, aud: ['console'] });
    check({ ...CLAIMS, aud: ['console', 'other'], azp: 'console' });
    check({ ...CLAIMS, exp: seconds - 20 });
  });

  it('is taken without a nonce where it was renewed', () => {
    const { nonce: _asked, ...renewed } = CLAIMS;
    checkIdToken(tokenOf(renewed), { issuer: 'https://i', clientId: 'console', nonce: undefined, now: NOW });
  });

  it.each([
    ['another issuer', { iss: 'https://j' }, 'another issuer'],
    ['another application', { aud: 'other' }, 'another application'],
    ['several, and this one not the first', { aud: ['console', 'other'] }, 'another application'],
    ['one that was given to another', { azp: 'other' }, 'another application'],
    ['the answer to another question', { nonce: 'm' }, 'another question'],
    ['an old one', { exp: seconds - 31 }, 'over'],
    ['one that never ends', { exp: undefined }, 'lacks'],
    ['one of nobody', { sub: undefined }, 'lacks'],
  ])('is not taken of %s', (_, changed, why) => {
    expect(() => check({ ...CLAIMS, ...changed })).toThrow(why);
  });

  it('is not taken where it is none', () => {
    const expected = { issuer: 'https://i', clientId: 'console', nonce: 'n', now: NOW };
    for (const text of ['', 'a.b', 'a.b.c.d', `a.${btoa('7')}.c`]) expect(() => checkIdToken(text, expected)).toThrow();
  });
});

describe('what was kept on the way to the issuer', () => {
  const kept = { state: 's', nonce: 'n', verifier: 'v' };

  it.each([
    ['#/who?q=alice', '#/who?q=alice'],
    ['?a=b#/timeline', '?a=b#/timeline'],
    ['https://example.com/#/who', ''],
    ['//example.com', ''],
    ['/elsewhere', ''],
    [7, ''],
    [undefined, ''],
  ])('leads back to the console alone: %j', (link, opened) => {
    expect(wayOf(JSON.stringify({ ...kept, link }))).toEqual({ ...kept, link: opened });
  });

  it.each(['', 'null', '[]', '{"state":"s","nonce":"n"}', '{"state":1,"nonce":"n","verifier":"v"}'])(
    'is nothing where it is not ours: %s',
    (text) => {
      expect(wayOf(text)).toBeUndefined();
    },
  );
});
