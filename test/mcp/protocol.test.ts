import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../cli/mcp/lines.ts';
import { serveLines } from '../../cli/mcp/serve.ts';
import { McpServer, REVISIONS } from '../../cli/mcp/server.ts';
import { Client, EXAMPLES } from './client.ts';

const client = new Client(EXAMPLES);
const error = (id: unknown, code: number) => ({ jsonrpc: '2.0', id, error: { code, message: expect.any(String) } });

describe('the protocol', () => {
  it.each([...REVISIONS, '1999-01-01'])(
    'is agreed on: who asks for the revision %s gets it, or the newest',
    async (protocolVersion) => {
      const agreed = REVISIONS.find((each) => each === protocolVersion) ?? REVISIONS[0];
      const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'a client', version: '1' } };
      expect(await client.ask('initialize', params)).toMatchObject({
        id: 1,
        result: { protocolVersion: agreed, capabilities: { tools: {} }, serverInfo: { name: 'eks-whois' } },
      });
    },
  );

  it('answers a ping, also by an id that is a text', async () => {
    expect(await client.ask('ping', undefined, 'a')).toEqual({ jsonrpc: '2.0', id: 'a', result: {} });
  });

  it.each([
    ['what is no JSON', '{', error(null, -32700)],
    ['a line that is too long', undefined, error(null, -32600)],
    ['what is no object', '"x"', error(null, -32600)],
    ['another JSON-RPC', '{"id":1,"method":"ping"}', error(1, -32600)],
    ['a request without a method', '{"jsonrpc":"2.0","id":1}', error(1, -32600)],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', error(null, -32600)],
    ['a method that there is not', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', error(1, -32601)],
    ['params that are none', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', error(1, -32602)],
    ['no revision', '{"jsonrpc":"2.0","id":1,"method":"initialize"}', error(1, -32602)],
    [
      'a tool that there is not',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}',
      error(1, -32602),
    ],
    ['an empty array', '[]', error(null, -32600)],
  ])('says by its code what is wrong with %s', async (_, line, expected) => {
    expect(await client.say(line)).toEqual(expected);
  });

  it('answers no notification, and no answer', async () => {
    for (const line of [
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","method":"there/is/not"}',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":77}}',
      '{"jsonrpc":"2.0","id":5,"result":{}}',
    ])
      expect(await client.say(line)).toBeUndefined();
  });

  it('answers several in one array in one', async () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect(
      await client.say(JSON.stringify([ping, { jsonrpc: '2.0', method: 'notifications/x' }, { ...ping, id: 2 }])),
    ).toEqual([1, 2].map((id) => ({ jsonrpc: '2.0', id, result: {} })));
  });

  it('answers no call that was taken back, and goes on', async () => {
    const [first, second] = ['a', 'b'].map((id) =>
      client.ask('tools/call', { name: 'whois', arguments: { q: 'ASIA77YCHGK2XEXAMPLE' } }, id),
    );
    await client.say('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}');
    expect([await first, await second]).toMatchObject([{}, { id: 'b', result: { isError: false } }]);
  });
});

async function allOf(lines: AsyncIterable<string | undefined>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('the lines', () => {
  it('are told apart however they come, with characters cut in two, empty ones left out', async () => {
    const bytes = Buffer.from('{"é":1}\r\n\n{}\nlast');
    const pieces = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
    expect(await allOf(linesOf(pieces))).toEqual(['{"é":1}', '{}', 'last']);
  });

  it('that are too long are left out, and those behind them are not', async () => {
    expect(await allOf(linesOf(Readable.from(['123456', '7\nok\n']), 5))).toEqual([undefined, 'ok']);
  });

  it('have an answer each, and nothing else is written', async () => {
    const written: string[] = [];
    const output = new Writable({
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    });
    const lines = [
      '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
      '{"jsonrpc":"2.0","method":"notifications/initialized"}\n',
    ];
    await serveLines(new McpServer({ places: EXAMPLES, commands: [] }, () => undefined), Readable.from(lines), output);
    expect(written).toEqual(['{"jsonrpc":"2.0","id":1,"result":{}}\n']);
  });
});
