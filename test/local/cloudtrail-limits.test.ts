import { ListTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { describe, expect, it } from 'vitest';
import { type CloudTrailOptions, type CloudTrailServer, startCloudTrail } from '../../local/cloudtrail/server.ts';
import {
  at,
  byAttribute,
  callRecord,
  clientOf,
  idsFound,
  idsOf,
  KEY,
  lookUp,
  NOW,
  running,
  start,
} from './running-cloudtrail.ts';

describe('pages', () => {
  const records = Array.from({ length: 120 }, (_, index) =>
    callRecord(`event-${index}`, { eventTime: at(Math.floor(index / 7) * 1000), awsRegion: 'eu-west-1' }),
  );

  it('have 50 events unless fewer are requested, and cover 120 events completely', async () => {
    const client = clientOf(await start({ records }));
    const first = await lookUp(client);
    const second = await lookUp(client, { NextToken: first.NextToken });
    const third = await lookUp(client, { NextToken: second.NextToken });
    const pages = [first, second, third].map((page) => idsOf(page.Events));
    expect(pages.map((page) => page.length)).toEqual([50, 50, 20]);
    expect(new Set(pages.flat()).size).toBe(120);
    expect(third.NextToken).toBeUndefined();
  });

  it('have no token if the last event fills the page', async () => {
    const page = await lookUp(clientOf(await start({ records: records.slice(0, 50) })));
    expect(page.Events).toHaveLength(50);
    expect(page.NextToken).toBeUndefined();
  });

  it('continue where they stopped if newer events arrive in between', async () => {
    const server = await start({ records: records.slice(0, 60) });
    const client = clientOf(server);
    const first = await lookUp(client);
    server.add([callRecord('newer', { eventTime: at(0) })]);
    const second = await lookUp(client, { NextToken: first.NextToken });
    expect(new Set([...idsOf(first.Events), ...idsOf(second.Events)])).toEqual(
      new Set(records.slice(0, 60).map((record) => record.eventID)),
    );
  });

  it('have between 1 and 50 events', async () => {
    const client = clientOf(await start({ records }));
    expect(await idsFound(client, { MaxResults: 1 })).toHaveLength(1);
    for (const MaxResults of [0, 51, -1]) {
      await expect(lookUp(client, { MaxResults })).rejects.toMatchObject({ name: 'InvalidMaxResultsException' });
    }
  });

  it('refuse a token that is invented, changed, or used with other parameters or in another Region or account', async () => {
    const bob = 'AKIABOB0000000000001';
    const server = await start({ records, accounts: { [KEY]: '111122223333', [bob]: '444455556666' } });
    const client = clientOf(server);
    const input = byAttribute('EventName', 'DescribeCluster');
    const { NextToken = '' } = await lookUp(client, input);
    const refused = { name: 'InvalidNextTokenException', $metadata: { httpStatusCode: 400 } };
    await expect(lookUp(client, { ...input, NextToken: 'made-up' })).rejects.toMatchObject(refused);
    await expect(lookUp(client, { ...input, NextToken: `x${NextToken}` })).rejects.toMatchObject(refused);
    await expect(lookUp(client, { NextToken })).rejects.toMatchObject(refused);
    await expect(lookUp(client, { ...input, NextToken, EndTime: new Date(NOW) })).rejects.toMatchObject(refused);
    await expect(lookUp(clientOf(server, { region: 'us-east-1' }), { ...input, NextToken })).rejects.toMatchObject(
      refused,
    );
    await expect(lookUp(clientOf(server, { accessKeyId: bob }), { ...input, NextToken })).rejects.toMatchObject(
      refused,
    );
    expect(await idsFound(client, { ...input, NextToken })).toHaveLength(50);
  });
});

describe('the throttle', () => {
  it('refuses the third request within a second, and admits it once the first is a second old', async () => {
    let time = 0;
    const client = clientOf(await startLimited(() => time));
    await lookUp(client);
    time = 600;
    await lookUp(client);
    time = 999;
    await expect(lookUp(client)).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    time = 1000;
    await lookUp(client);
    await expect(lookUp(client)).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  it('counts each Region and each account for itself, and all keys of an account together', async () => {
    const accounts = {
      [KEY]: '111122223333',
      AKIAALICE00000000002: '111122223333',
      AKIABOB0000000000001: '444455556666',
    };
    const server = await startLimited(() => 0, { accounts });
    const client = clientOf(server);
    await lookUp(client);
    await lookUp(client);
    await lookUp(clientOf(server, { region: 'us-east-1' }));
    await lookUp(clientOf(server, { accessKeyId: 'AKIABOB0000000000001' }));
    await expect(lookUp(clientOf(server, { accessKeyId: 'AKIAALICE00000000002' }))).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
  });

  it('has the given limit, and runs in real time', async () => {
    const server = await startCloudTrail({ now: () => NOW, requestsPerSecond: 3 });
    running.push(server);
    const client = clientOf(server);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => lookUp(client)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  async function startLimited(throttleNow: () => number, options: CloudTrailOptions = {}): Promise<CloudTrailServer> {
    const server = await startCloudTrail({ now: () => NOW, throttleNow, ...options });
    running.push(server);
    return server;
  }
});

describe('requests that AWS refuses', () => {
  const scope = `${KEY}/20261125/eu-west-1`;

  it.each([
    ['without an Authorization header', {}, 'MissingAuthenticationTokenException'],
    ['with a bearer token', { authorization: 'Bearer x' }, 'IncompleteSignatureException'],
    ['signed for another service', { authorization: signed(`${scope}/sts/aws4_request`) }, 'InvalidSignatureException'],
    [
      'for another operation',
      { authorization: signed(`${scope}/cloudtrail/aws4_request`), 'x-amz-target': 'CloudTrail_20131101.DeleteTrail' },
      'UnknownOperationException',
    ],
    ['without JSON', { authorization: signed(`${scope}/cloudtrail/aws4_request`) }, 'SerializationException'],
  ])('%s', async (_, headers, name) => {
    const server = await start();
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'CloudTrail_20131101.LookupEvents', ...headers },
      body: '{"MaxResults":',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: name });
    expect(server.requests).toMatchObject([{ outcome: name }]);
  });

  it('of other operations, by the real client', async () => {
    await expect(clientOf(await start()).send(new ListTrailsCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });

  function signed(credential: string): string {
    return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`;
  }
});
