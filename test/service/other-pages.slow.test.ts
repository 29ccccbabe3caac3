import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder } from '../builders/command.ts';
import { attemptsOf, type BrowserRequest, send } from '../loopback/browser.ts';
import { type RunningCommand, startCommand } from '../records/running-command.ts';
import { type ListeningAddress, listeningOf } from './listening.ts';
import { childrenOf } from './processes.ts';

/** A forged grant that would name Alice for Mallory's requests. */
const FORGED = JSON.stringify({ Records: [{ messageId: 'm', body: '{}', eventSource: 'aws:sqs' }] });

/** A note that no person wrote. */
const NOTE = JSON.stringify({ about: 'claim:one', kind: 'reviewed', text: 'all is well' });

const HARMFUL: readonly BrowserRequest[] = [
  { path: '/notes', method: 'POST', body: NOTE },
  { path: '/2015-03-31/functions/eks-whois-local-grants/invocations', method: 'POST', body: FORGED },
  { path: '/2014-11-13/functions/eks-whois-local-grants/invoke-async', method: 'POST', body: FORGED },
  { path: '/', method: 'POST', body: '{}', headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' } },
  { path: '/', method: 'POST', body: 'Action=Publish&Message=forged' },
];

describe.runIf(process.platform === 'linux')('the service that npm start starts, and the pages in the browser', () => {
  let folder: Folder;
  let service: RunningCommand;
  let port: number;
  let places: readonly ListeningAddress[];

  beforeAll(async () => {
    folder = new Folder();
    const none = folder.file('none.jsonl', '');
    service = startCommand(['local', '--port', '0', '--data', folder.at('data'), '--audit', none]);
    await service.until(/ready: \S+\n/);
    port = Number(/ready: http:\/\/127\.0\.0\.1:(\d+)\n/.exec(service.printed.output)?.[1]);
    places = await listeningOf(service.child.pid);
  });
  afterAll(async () => {
    await service.interrupt();
    folder[Symbol.dispose]();
  });

  it('listens on loopback alone: the API, the functions, the tables, CloudTrail and the inbox', () => {
    expect(places.map(({ address }) => address)).toEqual(Array(5).fill('127.0.0.1'));
    expect(places.map((place) => place.port)).toContain(port);
  });

  it('answers a person, under each name of this machine', async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      expect(await send(port, { path: '/records?actor=alice', headers: { host } })).toMatchObject({ status: 200 });
    }
    expect((await fetch(`http://127.0.0.1:${port}/records?actor=alice`)).status).toBe(200);
  });

  it('reveals nothing more to a page that it served itself', async () => {
    const host = `127.0.0.1:${port}`;
    const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    expect(await send(port, { path: '/records?actor=alice', headers: own })).toMatchObject({ status: 200, cors: [] });
    const preflight = { ...own, 'access-control-request-method': 'GET' };
    expect(await send(port, { path: '/records', method: 'OPTIONS', headers: preflight })).toMatchObject({
      status: 404,
      cors: [],
    });
  });

  it('answers no other page, at any of its ports', async () => {
    for (const place of places) {
      const host = `127.0.0.1:${place.port}`;
      for (const [attempt, sent] of Object.entries(attemptsOf(host, '/records?actor=alice', FORGED))) {
        expect(await send(place.port, sent), `${attempt} at ${host}`).toMatchObject({ status: 403, cors: [] });
      }
      for (const each of HARMFUL) {
        const headers = { ...each.headers, host, origin: 'https://evil.example', 'content-type': 'text/plain' };
        expect(await send(place.port, { ...each, headers }), `${each.path} at ${host}`).toMatchObject({
          status: 403,
          cors: [],
        });
      }
    }
  });

  it('stores a note from a person and from its own page, and none from another page', async () => {
    const host = `127.0.0.1:${port}`;
    const json = { host, 'content-type': 'application/json' };
    const sent = { path: '/notes', method: 'POST', body: NOTE };
    for (const [attempt, { headers }] of Object.entries(attemptsOf(host, '/notes', NOTE))) {
      const forged = { ...sent, headers: { ...headers, 'content-type': 'application/json' } };
      expect((await send(port, forged)).status, attempt).toBe(403);
    }
    expect((await send(port, { ...sent, headers: { ...json, 'content-type': 'text/plain' } })).status).toBe(415);
    const kept = async () => JSON.parse((await send(port, { path: '/notes?about=claim:one', headers: { host } })).body);
    expect(await kept()).toEqual({ notes: [] });
    const own = { ...json, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    for (const headers of [json, own])
      expect(await send(port, { ...sent, headers })).toMatchObject({ status: 201, cors: [] });
    const of = { about: 'claim:one', kind: 'reviewed', text: 'all is well', who: { id: 'local' } };
    expect(await kept()).toMatchObject({ notes: [of, of] });
  });

  it('cannot be imitated by a program that does not know its secrets', async () => {
    for (const place of places.filter((each) => each.port !== port)) {
      for (const each of HARMFUL) {
        expect(await send(place.port, each), `${each.path} at ${place.port}`).toMatchObject({ status: 403, cors: [] });
      }
    }
  });

  it('does not show its secrets in the list of processes', async () => {
    for (const pid of [service.child.pid, ...(await childrenOf(service.child.pid))]) {
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toMatch(/[\w-]{32}/);
    }
  });
});
