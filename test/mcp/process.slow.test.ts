import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';

it('eks-whois mcp answers a client line by line, writes nothing else, and ends with its input', async () => {
  const args = ['mcp', '--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
  const child = spawn(process.execPath, [join(REPOSITORY, 'bin/eks-whois'), ...args], {
    cwd: REPOSITORY,
    stdio: 'pipe',
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ask = async (id: number, method: string, params: object) => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const { value } = await lines.next();
    return JSON.parse(String(value));
  };
  const clientInfo = { name: 'a client', version: '1' };
  const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  expect(await ask(1, 'initialize', initialize)).toMatchObject({ id: 1, result: { protocolVersion: '2025-06-18' } });
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  expect((await ask(2, 'tools/list', {})).result.tools).toHaveLength(3);
  const given = { name: 'whois', arguments: { q: 'b90d4f36-f87d-47cd-a132-32b7e09aed63' } };
  const { result } = await ask(3, 'tools/call', given);
  expect(JSON.parse(result.content[1].text)).toMatchObject({ status: 'attributed', actor: { name: 'ben.okafor' } });
  child.stdin.end();
  expect((await lines.next()).done).toBe(true);
  expect(await ended).toEqual([0, null]);
  expect(log).toBe('eks-whois mcp: whois: answered\n');
});
