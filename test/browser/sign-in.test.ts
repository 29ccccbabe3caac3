import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../console/build.ts';
import type { BuiltPage } from '../../console/page.ts';
import { servePage } from '../../console/serve.ts';
import { portOf, stop } from '../../local/loopback/guard.ts';
import { openConsole } from './console-window.ts';

/** An issuer, and a service that accepts its tokens, as an API with a JWT authorizer does. */
let page: BuiltPage;
let issuer: Server;
let service: Server;
let [issuerUrl, serviceUrl] = ['', ''];
/** The authorization headers that the service received, and the grant types that the issuer received. */
const bearers: string[] = [];
const grants: string[] = [];
let lifetime = 3_600;

beforeAll(async () => {
  page = await buildPage();
  issuer = createServer().listen(0, '127.0.0.1');
  service = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(issuer, 'listening'), once(service, 'listening')]);
  [issuerUrl, serviceUrl] = [issuer, service].map((server) => `http://127.0.0.1:${portOf(server)}`) as [string, string];
  issuer.on('request', provider().callback());
  service.on('request', (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    if (path === '/' || path.startsWith('/console/')) {
      const settings = {
        signIn: 'oidc',
        issuer: issuerUrl,
        clientId: 'console',
        scopes: ['offline_access'],
        token: 'access',
      };
      const serving = { settings, signInOrigins: [issuerUrl] } as const;
      const { status, headers, body } = servePage(page, path, undefined, serving as Parameters<typeof servePage>[3]);
      response.writeHead(status, headers).end(body);
      return;
    }
    void answerWithToken(request.headers.authorization ?? '').then((isKnown) => {
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      response.end(isKnown ? bodyOf(path, query) : '{"message":"Unauthorized"}');
    });
  });
});
afterAll(async () => {
  await Promise.all([stop(issuer), stop(service)]);
});

function provider(): Provider {
  const made = new Provider(issuerUrl, {
    clients: [
      {
        client_id: 'console',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${serviceUrl}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        application_type: 'native', // A native client may use plain HTTP on this machine.
      },
    ],
    pkce: { required: () => true },
    clientBasedCORS: () => true,
    ttl: {
      AccessToken: () => lifetime,
      Session: 3_600,
      Grant: 3_600,
      Interaction: 3_600,
      IdToken: 3_600,
      RefreshToken: 3_600,
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: async () => true,
  });
  made.on('grant.success', ({ oidc }) => grants.push(String(oidc.params?.grant_type)));
  return made;
}

/** Checks a token at the issuer, as the authorizer would. */
async function answerWithToken(authorization: string): Promise<boolean> {
  bearers.push(authorization);
  return (await fetch(`${issuerUrl}/me`, { headers: { authorization } })).ok;
}

function bodyOf(path: string, query: string): string {
  if (path === '/known') return JSON.stringify({ known: [] });
  if (path === '/sessions') return JSON.stringify({ sessions: [] });
  if (path === '/records') return JSON.stringify({ records: [], examined: 0 });
  return JSON.stringify({ recognized: { as: query, notes: [] }, subject: 'it', unknown: 'Nothing is known of it.' });
}

/** Goes through the issuer's pages: name, password and consent. */
async function throughIssuer(at: Awaited<ReturnType<typeof openConsole>>['page']): Promise<void> {
  await at.getByRole('button', { name: /Sign in with/ }).click();
  await at.locator('input[name=login]').fill('ana');
  await at.locator('input[name=password]').fill('x');
  await at.locator('button[type=submit]').click();
  await at.locator('button[type=submit]').click();
  await at.waitForURL((url) => url.origin === serviceUrl);
}

describe('signing in', () => {
  it('goes to the issuer and back to the same place, and stores no tokens', async () => {
    await using window = await openConsole(`${serviceUrl}/#/timeline?verb=delete`);
    await throughIssuer(window.page);
    await window.page.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(new URL(window.page.url()).hash).toContain('verb=delete');
    expect(new URL(window.page.url()).search).toBe('');
    await expect.poll(() => bearers.at(-1)).toMatch(/^Bearer .{20,}/); // The first request may still be in flight.
    const kept = await window.page.evaluate(() => [
      Object.values(localStorage).join(),
      Object.values(sessionStorage).join(),
      document.cookie,
    ]);
    const token = bearers.at(-1)?.replace('Bearer ', '') ?? '';
    for (const text of kept) expect(text).not.toContain(token);
  });

  it.each([
    ['a timeline', '#/timeline?verb=delete&from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z', 'Timeline'],
    ['a question with signs of its own', `#/who?q=${encodeURIComponent('a#b?c=d&e/../%')}`, 'Nothing found for it'],
    ['a name', '?from=a-ticket#/actor?of=ana.silva', 'ana.silva'],
  ])('opens the same link after the sign-in: %s', async (_, link, heading) => {
    await using window = await openConsole(`${serviceUrl}/${link}`);
    await throughIssuer(window.page);
    await window.page.getByRole('heading', { name: heading }).first().waitFor();
    expect(window.page.url()).toBe(`${serviceUrl}/${link}`);
  });

  it.each(['https://evil.example/'])(
    'never leaves this page, even if the stored link was changed: %s',
    async (link) => {
      await using window = await openConsole(`${serviceUrl}/#/timeline`);
      await window.page.addInitScript((changed) => {
        const kept = sessionStorage.getItem('eks-whois-sign-in');
        if (!location.search.includes('code=') || kept === null) return;
        sessionStorage.setItem('eks-whois-sign-in', JSON.stringify({ ...JSON.parse(kept), link: changed }));
      }, link);
      await throughIssuer(window.page);
      await window.page.getByRole('heading', { name: 'Which person did this' }).waitFor();
      expect(window.page.url()).toBe(`${serviceUrl}/`);
    },
  );

  it('renews a token before it ends, without the user', async () => {
    lifetime = 30;
    grants.length = 0;
    await using window = await openConsole(`${serviceUrl}/#/timeline`);
    await throughIssuer(window.page);
    await window.page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await expect.poll(() => grants).toContain('refresh_token');
    lifetime = 3_600;
  });

  it('refuses a sign-in that this window did not start', async () => {
    await using window = await openConsole(`${serviceUrl}/?code=stolen&state=guessed`);
    await window.page.getByRole('alert').waitFor();
    expect(await window.page.getByRole('alert').textContent()).toContain('this window did not start the sign-in');
    expect(new URL(window.page.url()).search).toBe('');
  });

  it('asks the user to sign in again if the service refuses the token', async () => {
    await using window = await openConsole(`${serviceUrl}/#/timeline`);
    await throughIssuer(window.page);
    await window.page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await window.page.route('**/records?**', (route) =>
      route.fulfill({ status: 401, body: '{"message":"Unauthorized"}' }),
    );
    await window.page.evaluate(() => {
      location.hash = '#/timeline?verb=get';
    });
    await window.page.getByRole('button', { name: /Sign in with/ }).waitFor();
    expect(await window.page.getByRole('alert').textContent()).toContain('no longer accepts this sign-in');
  });
});
