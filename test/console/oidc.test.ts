import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  describeError,
  discover,
  type Issuer,
  isRefusal,
  newSignIn,
  parseSignIn,
  redeemCode,
  renewTokens,
  signInUrl,
} from '../../console/page/core/oidc.ts';
import { portOf, stop } from '../../local/loopback/guard.ts';

/** An issuer on this machine: its answers, and the requests that it received. */
let server: Server;
let url = '';
let answer: { readonly status: number; readonly body: string; readonly to?: string };
const questions: { readonly path: string; readonly body: string }[] = [];

beforeEach(async () => {
  questions.length = 0;
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      questions.push({ path: request.url ?? '', body });
      const headers = { 'content-type': 'application/json', ...(answer.to !== undefined && { location: answer.to }) };
      response.writeHead(answer.status, headers).end(answer.body);
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
const metadata = (more: object = {}): Issuer => ({
  issuer: url,
  authorization_endpoint: `${url}/auth`,
  token_endpoint: `${url}/token`,
  ...more,
});
const PAGE = { clientId: 'console', redirectUri: 'https://console.example/' };
const WAY = { ...newSignIn(''), state: 's', nonce: 'n' };

/** Returns an ID token of the issuer for this page and sign-in, with the claims in `changed` replaced. */
function idToken(changed: object = {}, alg = 'RS256'): string {
  const seconds = Math.floor(Date.now() / 1_000);
  const claims = { iss: url, sub: 'ana', aud: 'console', nonce: 'n', exp: seconds + 600, iat: seconds, ...changed };
  return [{ alg }, claims, 'signature']
    .map((part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'))
    .join('.');
}
const given = (changed: object = {}, alg?: string) => ({
  access_token: 'a',
  token_type: 'Bearer',
  refresh_token: 'r',
  expires_in: 60,
  id_token: idToken(changed, alg),
});
const redeem = (query = 'state=s&code=c', issuer = metadata()) =>
  redeemCode(issuer, PAGE, WAY, new URLSearchParams(query));

describe('the discovery document', () => {
  it('is requested at its well-known address, with or without a slash at the end of the issuer', async () => {
    answering(metadata({ issuer: `${url}/` }));
    expect(await discover(`${url}/`)).toEqual(metadata({ issuer: `${url}/` }));
    answering(metadata());
    await discover(url);
    expect(questions).toEqual(new Array(2).fill({ path: '/.well-known/openid-configuration', body: '' }));
  });

  it('is refused from another issuer, after a redirect, or without TLS', async () => {
    answering(metadata({ issuer: 'https://another.example' }));
    await expect(discover(url)).rejects.toThrow('does not match');
    answering({}, 404);
    await expect(discover(url)).rejects.toThrow('status code');
    answer = { status: 302, body: '', to: `${url}/elsewhere` };
    await expect(discover(url)).rejects.toThrow();
    await expect(discover('http://issuer.example')).rejects.toThrow('HTTPS');
    expect(questions.map(({ path }) => path)).not.toContain('/elsewhere');
  });
});

describe('the request to the issuer', () => {
  it('has new secrets each time, and only the challenge of the verifier', async () => {
    const way = newSignIn('#/timeline');
    for (const name of ['state', 'nonce', 'verifier'] as const) {
      expect(way[name]).toMatch(/^[\w-]{43}$/);
      expect(newSignIn('')[name]).not.toBe(way[name]);
    }
    // RFC 7636, appendix B
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const parameters = (await signInUrl(metadata(), PAGE, { ...WAY, verifier }, ['api'])).searchParams;
    expect(Object.fromEntries(parameters)).toEqual({
      client_id: 'console',
      redirect_uri: PAGE.redirectUri,
      response_type: 'code',
      scope: 'openid api',
      state: 's',
      nonce: 'n',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
  });

  it.each([undefined, 'http://issuer.example/auth', 'javascript:alert(1)'])('does not lead to %s', async (endpoint) => {
    await expect(signInUrl(metadata({ authorization_endpoint: endpoint }), PAGE, WAY, [])).rejects.toThrow('HTTP');
  });
});

describe('the return from the issuer', () => {
  it('exchanges the code of this sign-in for tokens', async () => {
    answering(given({ name: 'Chloé Ólafsdóttir 漢字' }));
    expect(await redeem()).toMatchObject({ access_token: 'a', refresh_token: 'r', expires_in: 60 });
    const [{ path, body } = { path: '', body: '' }] = questions;
    expect(path).toBe('/token');
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      client_id: 'console',
      code: 'c',
      code_verifier: WAY.verifier,
      grant_type: 'authorization_code',
      redirect_uri: PAGE.redirectUri,
    });
    await redeem(`state=s&code=c&iss=${encodeURIComponent(url)}`);
  });

  it.each([
    ['another state', 'state=t&code=c'],
    ['no state', 'code=c'],
    ['two states, one of them right', 'state=s&state=t&code=c'],
    ['no code', 'state=s'],
    ['another issuer', 'state=s&code=c&iss=https%3A%2F%2Fevil.example'],
  ])('is refused with %s, and nothing is sent', async (_, query) => {
    answering(given());
    await expect(redeem(query)).rejects.toThrow();
    expect(questions).toEqual([]);
  });

  it('must name the issuer if the issuer says that it always does', async () => {
    const issuer = metadata({ authorization_response_iss_parameter_supported: true });
    await expect(redeem(undefined, issuer)).rejects.toThrow('"iss"');
  });

  it('sends no code without TLS', async () => {
    const issuer = metadata({ issuer: 'https://issuer.example', token_endpoint: 'http://issuer.example/token' });
    await expect(redeem(undefined, issuer)).rejects.toThrow('HTTPS');
  });

  it('reports the issuer’s own words if it refuses', async () => {
    const refusal = await redeem('state=s&error=access_denied&error_description=Not+you.').catch(describeError);
    expect(refusal).toBe('Not you');
  });
});

describe('an ID token', () => {
  const past = Math.floor(Date.now() / 1_000) - 60;

  it.each([
    ['one for the page alone, as a list', { aud: ['console'] }],
    ['one for several, given to the page', { aud: ['console', 'other'], azp: 'console' }],
  ])('is taken: %s', async (_, changed) => {
    answering(given(changed));
    await redeem();
  });

  it.each([
    ['another issuer', { iss: 'https://j' }],
    ['another application', { aud: 'other' }],
    ['several, and given to none of them', { aud: ['console', 'other'] }],
    ['one that was given to another', { azp: 'other' }],
    ['the answer to another question', { nonce: 'm' }],
    ['the answer to no question', { nonce: undefined }],
    ['an old one', { exp: past }],
    ['one that never ends', { exp: undefined }],
    ['one of nobody', { sub: undefined }],
  ])('is not taken of %s', async (_, changed) => {
    answering(given(changed));
    await expect(redeem()).rejects.toThrow();
  });

  it('is refused with another algorithm than the issuer’s, or without one', async () => {
    answering(given({}, 'none'));
    await expect(redeem()).rejects.toThrow('"alg"');
    for (const token of [undefined, '', 'a.b', 'a.b.c.d', `a.${btoa('7')}.c`]) {
      answering({ ...given(), id_token: token });
      await expect(redeem()).rejects.toThrow();
    }
  });
});

describe('tokens', () => {
  const renew = () => renewTokens(metadata(), 'console', 'r');

  it('are renewed, with an ID token without a nonce or with none', async () => {
    answering(given({ nonce: undefined }));
    expect(await renew()).toMatchObject({ access_token: 'a' });
    answering({ access_token: 'b', token_type: 'Bearer' });
    expect(await renew()).toMatchObject({ access_token: 'b' });
    answering(given({ azp: 'other' }));
    await expect(renew()).rejects.toThrow('another application');
    expect(questions[0]?.body).toBe('refresh_token=r&grant_type=refresh_token&client_id=console');
  });

  it('are refused if the issuer says so; other failures may be temporary', async () => {
    const outcome = () => renew().catch((error: unknown) => [isRefusal(error), describeError(error)]);
    answering({ error: 'invalid_grant', error_description: 'It is over.' }, 400);
    expect(await outcome()).toEqual([true, 'It is over']);
    answering({ error: 'server_error' }, 503);
    expect(await outcome()).toEqual([false, expect.stringContaining('status code')]);
    answering({ access_token: 'a', token_type: 'DPoP' });
    expect(await outcome()).toEqual([false, 'the issuer returned a token of type dpop, not bearer']);
    answer = { status: 200, body: '<html>' };
    expect(await outcome()).toEqual([false, expect.any(String)]);
  });
});

describe('the stored state of a sign-in', () => {
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
    expect(parseSignIn(JSON.stringify({ ...kept, link }))).toEqual({ ...kept, link: opened });
  });

  it.each(['', 'null', '[]', '{"state":"s","nonce":"n"}', '{"state":1,"nonce":"n","verifier":"v"}'])(
    'is nothing where it is not ours: %s',
    (text) => {
      expect(parseSignIn(text)).toBeUndefined();
    },
  );
});
