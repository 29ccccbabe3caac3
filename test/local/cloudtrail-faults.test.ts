import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { describe, expect, it } from 'vitest';
import { startCloudTrail } from '../../local/cloudtrail/server.ts';
import { byAttribute, clientOf, GRANT, idsFound, KEY, lookUp, start } from './running-cloudtrail.ts';

/** `expect.poll` waits a second unless told otherwise. */
const NO_HURRY = { timeout: 600_000 };

describe('faults', () => {
  it.each([
    [
      { kind: 'server-error', status: 500 },
      { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } },
    ],
    [
      { kind: 'server-error', status: 503 },
      { name: 'ServiceUnavailableException', $metadata: { httpStatusCode: 503 } },
    ],
    [{ kind: 'reset' }, { code: 'ECONNRESET' }],
    [{ kind: 'garbage' }, { name: 'SyntaxError' }],
    [{ kind: 'garbage', body: '{"Events":[' }, { name: 'SyntaxError' }],
    [{ kind: 'throttle' }, { name: 'ThrottlingException' }],
    [{ kind: 'access-denied' }, { name: 'AccessDeniedException' }],
    [{ kind: 'expired-token' }, { name: 'ExpiredTokenException' }],
    [{ kind: 'unrecognized-client' }, { name: 'UnrecognizedClientException' }],
  ] as const)('%j strikes the next requests as often as it says', async (fault, error) => {
    const server = await start({ records: [GRANT] });
    server.setFault({ ...fault, times: 2 });
    const client = clientOf(server);
    await expect(lookUp(client)).rejects.toMatchObject(error);
    await expect(lookUp(client)).rejects.toMatchObject(error);
    expect(await idsFound(client)).toEqual(['grant']);
  });

  it('affect one Region or one access key only', async () => {
    const server = await start({ records: [GRANT] });
    server.setFault({ kind: 'access-denied', region: 'us-east-1' });
    server.setFault({ kind: 'expired-token', accessKeyId: 'AKIABOB0000000000001' });
    await expect(lookUp(clientOf(server, { region: 'us-east-1' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(lookUp(clientOf(server, { accessKeyId: 'AKIABOB0000000000001' }))).rejects.toMatchObject({
      name: 'ExpiredTokenException',
    });
    expect(await idsFound(clientOf(server))).toEqual(['grant']);
  });

  it('last until they are removed, one by one or all together', async () => {
    const server = await start({ records: [GRANT] });
    const client = clientOf(server);
    const remove = server.setFault({ kind: 'reset' });
    server.setFault({ kind: 'server-error', status: 503 });
    await expect(lookUp(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
    remove();
    await expect(lookUp(client)).rejects.toMatchObject({ name: 'ServiceUnavailableException' });
    server.clearFaults();
    expect(await idsFound(client)).toEqual(['grant']);
  });

  it('are random, but the same for the same seed', async () => {
    const drawn = await Promise.all(['a', 'a', 'b'].map((seed) => outcomesByChance(seed)));
    expect(drawn[1]).toEqual(drawn[0]);
    expect(drawn[2]).not.toEqual(drawn[0]);
    expect(new Set(drawn[0])).toEqual(new Set(['answered', 'InternalFailure']));
  });

  it('delay an answer', async () => {
    const server = await start({ records: [GRANT] });
    server.setFault({ kind: 'delay', milliseconds: 600_000, times: 1 });
    const delayed = idsFound(clientOf(server)).catch(() => 'cut');
    await expect.poll(() => server.requests.length, NO_HURRY).toBe(1);
    expect(await idsFound(clientOf(server))).toEqual(['grant']);
    expect(server.requests.map(({ outcome }) => outcome)).toEqual(['waiting', 'answered']);
    await server.close();
    expect(await delayed).toBe('cut');
    const other = await start({ records: [GRANT] });
    other.setFault({ kind: 'delay', milliseconds: 1 });
    expect(await idsFound(clientOf(other))).toEqual(['grant']);
  });

  it('let a Region hang until the client gives up', async () => {
    const server = await start();
    server.setFault({ kind: 'hang', region: 'eu-west-1' });
    const client = new AbortController();
    const giveUp = clientOf(server).send(new LookupEventsCommand({}), { abortSignal: client.signal });
    await Promise.all([
      expect(giveUp).rejects.toMatchObject({ name: 'AbortError' }),
      expect
        .poll(() => server.requests.length, NO_HURRY)
        .toBe(1)
        .then(() => client.abort()),
    ]);
    expect(await idsFound(clientOf(server, { region: 'us-east-1' }))).toEqual([]);
    expect(server.requests.map(({ region, outcome }) => [region, outcome])).toEqual([
      ['eu-west-1', 'hang'],
      ['us-east-1', 'answered'],
    ]);
  });

  async function outcomesByChance(seed: string): Promise<string[]> {
    const server = await start({ seed });
    server.setFault({ kind: 'server-error', status: 500, chance: 0.5 });
    const client = clientOf(server);
    for (let request = 0; request < 20; request += 1) await lookUp(client).catch(() => undefined);
    return server.requests.map(({ outcome }) => outcome);
  }
});

describe('the server', () => {
  it('logs each request with its caller, its subject and its result', async () => {
    const server = await start({ records: [GRANT], throttleNow: () => 1234 });
    await lookUp(clientOf(server), { ...byAttribute('EventName', 'AssumeRole'), MaxResults: 5 });
    expect(server.requests).toEqual([
      {
        arrivedAt: 1234,
        accessKeyId: KEY,
        accountId: '111122223333',
        region: 'eu-west-1',
        operation: 'LookupEvents',
        input: { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' }], MaxResults: 5 },
        outcome: 'answered',
        events: 1,
      },
    ]);
  });

  it('closes at once, also while requests wait or hang, and more than once', async () => {
    const server = await start();
    server.setFault({ kind: 'delay', milliseconds: 60_000, region: 'us-east-1' });
    server.setFault({ kind: 'hang' });
    const waiting = [clientOf(server), clientOf(server, { region: 'us-east-1' })].map((client) =>
      lookUp(client).then(
        () => 'answered',
        () => 'cut',
      ),
    );
    await expect.poll(() => server.requests.length, NO_HURRY).toBe(2);
    await Promise.all([server.close(), server.close()]);
    expect(await Promise.all(waiting)).toEqual(['cut', 'cut']);
  });

  it('listens on loopback, on the given port', async () => {
    const first = await start();
    await first.close();
    const second = await start({ port: first.port });
    expect(new URL(second.url).host).toBe(`127.0.0.1:${first.port}`);
    await expect(startCloudTrail({ port: second.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
