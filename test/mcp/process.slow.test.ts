import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';

it('eks-whois mcp answers a client over standard input and output, and logs a line for each call', async () => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      join(REPOSITORY, 'bin/eks-whois'),
      'mcp',
      '--audit',
      'examples/audit',
      '--cloudtrail',
      'examples/cloudtrail',
    ],
    cwd: REPOSITORY,
    stderr: 'pipe',
  });
  let log = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = transport.stderr && once(transport.stderr, 'close');
  const faults: Error[] = [];
  const client = new Client({ name: 'a client', version: '1' });
  client.onerror = (fault) => faults.push(fault);
  await client.connect(transport);
  expect((await client.listTools()).tools).toHaveLength(7);
  const q = 'b90d4f36-f87d-47cd-a132-32b7e09aed63';
  expect(await client.callTool({ name: 'whois', arguments: { q } })).toMatchObject({
    structuredContent: { status: 'attributed', actor: { name: 'ben.okafor' } },
  });
  await client.close();
  await ended;
  expect(log).toBe('eks-whois mcp: whois: answered\n');
  expect(faults).toEqual([]);
});
