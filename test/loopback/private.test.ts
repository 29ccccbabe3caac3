import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloudTrail } from '../../local/cloudtrail/server.ts';
import { openInbox } from '../../local/service/alert-inbox.ts';
import { openTables } from '../../local/service/local-tables.ts';
import { attemptsOf, type BrowserRequest, send } from './browser.ts';

const credential = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIAALICE/20260310/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

/** Requests that the service sends to each server. Without a guard, the server would answer them to anybody. */
const QUESTIONS: Readonly<Record<string, BrowserRequest>> = {
  'the tables': {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      'x-amz-date': '20260310T120000Z',
      authorization: credential('dynamodb'),
    },
    body: '{}',
  },
  CloudTrail: {
    method: 'POST',
    headers: {
      'x-amz-target': 'CloudTrail_20131101.LookupEvents',
      'content-type': 'application/x-amz-json-1.1',
      authorization: credential('cloudtrail'),
    },
    body: '{}',
  },
  'the inbox of alerts': {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=Publish&Subject=forged&Message=forged',
  },
};

describe.each(Object.keys(QUESTIONS))('%s of the service on this machine', (name) => {
  const question = QUESTIONS[name] ?? {};
  const received: string[] = [];
  let folder: string;
  let url: URL;
  let stop: () => Promise<void>;
  const ask = (sent: BrowserRequest) => send(Number(url.port), sent);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eks-whois-private-'));
    const started = {
      'the tables': () => openTables(folder),
      CloudTrail: async () => {
        const trail = await startCloudTrail({ requestsPerSecond: Number.POSITIVE_INFINITY });
        return { url: trail.url, stop: () => trail.close() };
      },
      'the inbox of alerts': () => openInbox((subject) => received.push(subject)),
    }[name];
    if (started === undefined) throw new Error(`nothing is called ${name}`);
    const running = await started();
    url = new URL(running.url);
    stop = running.stop;
  });
  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  it('answers those who know its URL', async () => {
    const { status, cors } = await ask({ ...question, path: url.pathname });
    expect({ status, cors }).toEqual({ status: 200, cors: [] });
  });

  it.each(['/', '/secret', '//', '/%2e%2e/', ''])('answers nobody who does not know it, as at %j', async (path) => {
    const before = received.length;
    expect(await ask({ ...question, path })).toMatchObject({ status: 403, cors: [] });
    expect(received).toHaveLength(before);
  });

  it('answers no browser, whatever page is open in it, even if that page knows the URL', async () => {
    const before = received.length;
    for (const path of ['/', url.pathname]) {
      for (const [attempt, sent] of Object.entries(attemptsOf(url.host, path, question.body ?? ''))) {
        const headers = { ...question.headers, ...sent.headers };
        expect(await ask({ ...sent, headers }), `${attempt} of ${path}`).toMatchObject({ status: 403, cors: [] });
      }
    }
    expect(received).toHaveLength(before);
  });
});
