import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRequests } from '../../cli/access/api-requests.ts';
import { consoleCommand } from '../../cli/console/console.ts';
import { type Responder, respondByApi } from '../../cli/console/responder.ts';
import { serveConsole } from '../../cli/console/server.ts';
import type { BuiltPage } from '../../console/page.ts';
import { type LoopbackServer, listen } from '../../local/loopback/guard.ts';
import { Folder, runCommand } from '../builders/command.ts';

const PAGE: BuiltPage = { document: '<!doctype html>{{settings}}', files: {} };

/** The requests that the service received, and its answers. */
const questions: string[] = [];
let answer: { status: number; headers: Record<string, string>; body: string };
const service = createServer(async (request, response) => {
  let sent = '';
  for await (const piece of request) sent += piece;
  questions.push(`${request.method} ${request.url} ${sent}`.trimEnd());
  response.writeHead(answer.status, answer.headers).end(answer.body);
});
let api: LoopbackServer;
let served: LoopbackServer;

async function open(respond: Responder): Promise<LoopbackServer> {
  return serveConsole(PAGE, respond, 0);
}

beforeAll(async () => {
  api = await listen(service);
  served = await open(respondByApi(apiRequests({ url: api.url, from: '--api' }, {})));
});
afterAll(() => Promise.all([api.close(), served.close()]));

describe('eks-whois console', () => {
  it('serves the page at an address that cannot be guessed', async () => {
    const [page, others] = await Promise.all([fetch(served.url), fetch(new URL('/', served.url))]);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<!doctype html>{&#34;signIn&#34;:&#34;none&#34;}');
    expect(others.status).toBe(403);
  });

  it('sends the requests of the page to the service, and returns its answers unchanged', async () => {
    answer = {
      status: 200,
      headers: { 'content-type': 'application/json', 'set-cookie': 'a=b' },
      body: '{"records":[]}',
    };
    const response = await fetch(new URL('records?actor=ana%20b&verb=get', served.url));
    expect(questions.at(-1)).toBe('GET /records?actor=ana%20b&verb=get');
    expect([response.status, await response.text()]).toEqual([200, '{"records":[]}']);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('returns a refusal with its Retry-After', async () => {
    const problem = '{"status":503,"detail":"The tables are out of reach. Ask again."}';
    answer = {
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '5' },
      body: problem,
    };
    const response = await fetch(new URL('whois?q=x', served.url));
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([503, '5', problem]);
  });

  it('says that the service cannot be reached if nothing runs there', async () => {
    const closed = await listen(createServer());
    await closed.close();
    const gone = await open(respondByApi(apiRequests({ url: closed.url, from: '--api' }, {})));
    const response = await fetch(new URL('known?kind=actor', gone.url));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining(`No service answers at ${closed.url}`),
    });
    await gone.close();
  });

  it('sends no request for another page in the browser', async () => {
    const before = questions.length;
    const fromOthers: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ];
    for (const headers of fromOthers) {
      const response = await fetch(new URL('records?verb=get', served.url), { headers });
      expect(response.status).toBe(403);
    }
    const guessed = await fetch(new URL('/records?verb=get', served.url));
    expect(guessed.status).toBe(403);
    expect(questions.slice(before)).toEqual([]);
  });

  it('sends notes to the service, but nothing that a form could send', async () => {
    const send = (type: string, body = '{"about":"audit:a"}', method = 'POST') =>
      fetch(new URL('notes', served.url), { method, headers: { 'content-type': type }, body });
    answer = { status: 201, headers: { 'content-type': 'application/json' }, body: '{"id":"n"}' };
    const before = questions.length;
    const kept = await send('application/json');
    expect([kept.status, await kept.json()]).toEqual([201, { id: 'n' }]);
    expect(questions.slice(before)).toEqual(['POST /notes {"about":"audit:a"}']);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) expect((await send(type)).status).toBe(415);
    expect((await send('application/json', JSON.stringify('x'.repeat(20_000)))).status).toBe(413);
    expect((await send('application/json', '{}', 'PUT')).status).toBe(405);
    expect(questions.length).toBe(before + 1);
  });

  it('keeps running if the page is closed while it sends', async () => {
    const { hostname, port, pathname } = new URL(served.url);
    const head = `POST ${pathname}notes HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`;
    const socket = connect(Number(port), hostname, () => socket.write(`${head}{"about"`, () => socket.destroy()));
    await once(socket, 'close');
    expect((await fetch(served.url)).status).toBe(200);
  });

  it.each(['http:evil.example', 'https:evil.example', '%2e%2e', 'records%2f..', '\\\\evil.example'])(
    'asks the service nothing by the path %j, which no question has',
    async (path) => {
      const before = questions.length;
      const { hostname, port, pathname } = new URL(served.url);
      const socket = connect(Number(port), hostname, () =>
        socket.write(`GET ${pathname}${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: close\r\n\r\n`),
      );
      const [bytes] = await once(socket, 'data');
      expect(String(bytes)).toMatch(/^HTTP\/1\.1 404 /);
      expect(questions.slice(before)).toEqual([]);
    },
  );

  it.each([
    [['--api', 'x', '--table', 'y'], '--api and --table exclude each other'],
    [['--api', 'ftp://x'], '--api ftp://x is not an http or https URL'],
    [['--port', '70000'], 'Give a port from 0 to 65535.'],
  ])('refuses %j', async (args, message) => {
    const { status, errors } = await runCommand(['console', ...args]);
    expect([status, errors]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('eks-whois console --config', () => {
  const RULES = "usernameTemplates: ['admin:{{SessionName}}']\ntrustedProxies: [teleport]\n";

  /** Returns the options with which the command would run. */
  async function optionsOf(...args: readonly string[]): Promise<unknown> {
    using folder = new Folder();
    const command = consoleCommand();
    let options: unknown;
    command.action((given: unknown) => {
      options = given;
    });
    await command.parseAsync([...args, '--config', folder.file('rules.yaml', RULES)], { from: 'user' });
    return options;
  }

  it('takes the rules of a deployment from the file, because tables have none', async () => {
    const taken = { usernameTemplate: ['admin:{{SessionName}}'], trustedProxy: ['teleport'] };
    expect(await optionsOf('--table', 'eks-whois-prod')).toMatchObject(taken);
    const given = ['--table', 'eks-whois-prod', '--trusted-proxy', 'mine'];
    expect(await optionsOf(...given)).toMatchObject({ ...taken, trustedProxy: ['mine'] });
  });

  it.each([[['--api', 'http://127.0.0.1:9']], [[]]])(
    'leaves them where a service goes by its own: %j',
    async (args) => {
      expect(await optionsOf(...args)).toMatchObject({ usernameTemplate: [], trustedProxy: [] });
    },
  );
});
