import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { signedHeaders } from '../../lib/adapters/aws/signer.ts';
import { Folder, runCommand } from '../builders/command.ts';

afterEach(() => vi.unstubAllEnvs());

describe('requests to the API', () => {
  it('encode a space as SigV4 does, and send the bearer token of the environment', async () => {
    const requests: { url?: string | undefined; token?: string | undefined }[] = [];
    const server = createServer((request, answer) => {
      requests.push({ url: request.url, token: request.headers.authorization });
      answer.end('{"records":[]}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stage`;
    const args = ['records', '--actor', 'Jane + Doe', '--api', api];
    const { status } = await runCommand(args, undefined, { EKS_WHOIS_TOKEN: 'a.b.c' });
    server.close();
    expect(status).toBe(0);
    expect(requests[0]?.url).toBe('/stage/records?actor=Jane%20%2B%20Doe&limit=200');
    expect(new Set(requests.map(({ token }) => token))).toEqual(new Set(['Bearer a.b.c']));
  });

  it('are signed for its Region, with credentials that are fetched once', async () => {
    using folder = new Folder();
    const answer = { Version: 1, AccessKeyId: 'AKIAALICE00000000001', SecretAccessKey: 'secret' };
    const script = folder.file(
      'sign-in.sh',
      `echo once >> '${folder.at('times')}'\necho '${JSON.stringify(answer)}'\n`,
    );
    const config = folder.file('config', `[profile role]\ncredential_process = sh ${script}\n`);
    const environment = { AWS_CONFIG_FILE: config, AWS_PROFILE: 'role', AWS_EC2_METADATA_DISABLED: 'true' };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    const url = new URL('https://abc.execute-api.eu-central-1.amazonaws.com/records?actor=alice');
    for (let request = 0; request < 3; request += 1) {
      const { authorization } = await signedHeaders(url);
      expect(authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIAALICE00000000001\/\d{8}\/eu-central-1\/execute-api\//,
      );
    }
    expect(folder.read('times')).toBe('once\n');
  });

  it('are signed together with their body, so that nobody on the way can change it', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAALICE00000000001');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const url = new URL('https://abc.execute-api.eu-central-1.amazonaws.com/notes');
    const headers = await signedHeaders(url, { region: 'eu-central-1' }, '{"about":"audit:a"}');
    expect(headers['content-type']).toBe('application/json');
    expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update('{"about":"audit:a"}').digest('hex'));
    expect(headers.authorization).toMatch(/SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,/);
  });
});
