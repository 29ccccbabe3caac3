import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { recordOf } from '../builders/answer.ts';
import { runCommand } from '../builders/command.ts';
import { ACCOUNT, ROLE_ID } from '../builders/company.ts';
import { BOB_ALONE, eventOf, SECRETS, SESSION, STRANGERS } from '../usecases/pasted-texts.ts';

let server: Server | undefined;

afterEach(() => server?.close());

/** Something at the address of the service that answers with this. */
async function answering(body: string): Promise<string> {
  server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const address = server.address() as AddressInfo;
  return `http://127.0.0.1:${address.port}`;
}

it.each([
  ['another program', '<html></html>', 'it has no attribution'],
  ['half of an attribution', '{"attribution":{"status":"attributed"}}', 'its attribution cannot be read'],
  ['a status of another version', '{"attribution":{"status":"new","flags":[]}}', 'its attribution cannot be read'],
])('%s is not the service, which whois reports in a sentence', async (_, body, message) => {
  const api = await answering(body);
  const ran = await runCommand(['whois', '--access-key-id', 'ASIAEXAMPLE123456789', '--api', api]);
  expect(ran).toMatchObject({ status: 1, output: '' });
  expect(ran.errors).toBe(`eks-whois: The answer is not from eks-whois: ${message}. Check --api.\n`);
});

it('a question that the service refuses is wrong usage, as with the tables, and names the option', async () => {
  server = createServer((_, response) => {
    response.writeHead(400, { 'content-type': 'application/problem+json' });
    response.end('{"status":400,"parameter":"userAgent","detail":"Say a cluster, too."}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const ran = await runCommand(['records', '--user-agent', 'x', '--api', `http://127.0.0.1:${port}`]);
  expect(ran.status).toBe(2);
  expect(ran.errors).toContain('The service answered 400: --user-agent: Say a cluster, too.');
});

it.each([
  ['a principal', ['--principal', `${ROLE_ID}:${SESSION}`]],
  [
    'a uid',
    ['--uid', `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`, '--username', 'project-admin', '--session-name', SESSION],
  ],
])(
  '%s without an access key is also of whoever used the session with a key that no grant issued',
  async (_, options) => {
    const { attribution, caller } = recordOf({ event: eventOf({ ...SECRETS, key: null }, 0), records: BOB_ALONE });
    const strangers = recordOf({ event: eventOf(SECRETS, 1), records: BOB_ALONE });
    server = createServer(({ url = '' }, response) => {
      response.end(JSON.stringify(url.startsWith('/whois') ? { attribution, caller } : { records: [strangers] }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (...more: string[]) =>
      runCommand(['whois', ...options, '--at', '2026-03-10T12:10:00Z', '--api', `http://127.0.0.1:${port}`, ...more]);
    const { status, output } = await ask();
    expect([status, output]).toEqual([3, expect.stringContaining('or somebody else\n')]);
    expect(output).toContain(`\nor somebody with the access key ${STRANGERS}, from 45.83.64.11\n`);
    expect(output).toContain('The audit log shows this session under access keys that no known grant issued.');
    expect(JSON.parse((await ask('--output', 'json')).output)).toMatchObject({
      status: 'ambiguous',
      candidates: [{ actor: { name: 'bob' } }],
      unidentified: [{ accessKeyId: STRANGERS }],
    });
  },
);

it('a session without an access key names nobody if the service has more requests of it than are read', async () => {
  const { attribution, caller } = recordOf({ event: eventOf({ ...SECRETS, key: null }, 0), records: BOB_ALONE });
  server = createServer(({ url = '' }, response) => {
    const page = { records: [], examined: 5_000, cursor: 'more' };
    response.end(JSON.stringify(url.startsWith('/whois') ? { attribution, caller } : page));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const asked = ['--principal', `${ROLE_ID}:${SESSION}`, '--api', `http://127.0.0.1:${port}`, '--output', 'json'];
  const { status, output } = await runCommand(['whois', ...asked]);
  expect(status).toBe(3);
  expect(JSON.parse(output)).toMatchObject({
    status: 'ambiguous',
    candidates: [{ actor: { name: 'bob' } }],
    complete: false,
    note: expect.stringContaining('Not all requests of this session were read'),
  });
});
