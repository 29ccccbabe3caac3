import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../lib/json.ts';
import { listenPrivately, portOf, stop } from '../loopback/guard.ts';
import { type Refusal, refuse } from './caller.ts';
import { createFaultScript, type Fault } from './faults.ts';
import { createEventHistory, createNextTokens, type Page, type UnkeptEvents } from './lookup.ts';
import {
  createRequestLog,
  createThrottle,
  type LoggedRequest,
  lookUp,
  type Outcome,
  type Service,
  serve,
} from './service.ts';

export type { Fault, FaultEffect, FaultScope } from './faults.ts';
export type { UnkeptEvents } from './lookup.ts';
export type { LoggedRequest } from './service.ts';

/** How the stand-in behaves. Everything has a default: no records, one account, AWS's own limits, the real clock. */
export interface CloudTrailOptions {
  /** Records to begin with; see `add`. */
  readonly records?: readonly unknown[];
  /** The port on 127.0.0.1; 0, the default, is any free one. */
  readonly port?: number;
  /** The account of every caller, where `accounts` is not given; it sees all records. */
  readonly account?: string;
  /**
   * The account of each access key id. Then a caller sees only records whose `recipientAccountId` is its account, and a
   * key that is not listed is refused with UnrecognizedClientException.
   */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Requests a second for each account and Region: 2, AWS's own, unless given; Infinity for no limit. */
  readonly requestsPerSecond?: number;
  /** The present of the event history, in epoch milliseconds: for the 90 days and for `deliveryDelay`. */
  readonly now?: () => number;
  /** The clock of the throttle, in milliseconds. Real time unless given, also where `now` stands still. */
  readonly throttleNow?: () => number;
  /** How long after its `eventTime` a record shows, in milliseconds; a function of the record lets them overtake each other. */
  readonly deliveryDelay?: number | ((record: JsonObject) => number);
  /** Decides the order of resources and the faults that come by chance. */
  readonly seed?: string;
}

/** A CloudTrail that runs on this machine. */
export interface CloudTrailServer {
  /**
   * `http://127.0.0.1:<port>/<secret>`: the endpoint to give to a CloudTrailClient, for every Region. Nobody else is
   * answered.
   */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in the order of arrival; grows. */
  readonly requests: readonly LoggedRequest[];
  /** Files records (not JSON text, but what it parses to); returns those that LookupEvents can never show, with the reason. */
  add(records: readonly unknown[]): readonly UnkeptEvents[];
  /** What LookupEvents answers within this process: at once, without faults, limits or a place in `requests`. */
  lookUp(region: string, input: object): Page | Refusal;
  /** Adds a fault beside those that are set; the function that it returns removes it. */
  setFault(fault: Fault): () => void;
  clearFaults(): void;
  /** Cuts all connections, those that wait too, and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for CloudTrail's LookupEvents, spoken to in AWS JSON 1.1 as `@aws-sdk/client-cloudtrail` does. One
 * endpoint serves all Regions and accounts: both are read from the request's SigV4 credential scope. Signatures are not
 * verified. Limits and behaviour: FACTS, "LookupEvents", and the AWS API Reference.
 */
export async function startCloudTrail(options: CloudTrailOptions = {}): Promise<CloudTrailServer> {
  const closing = new AbortController();
  const service = createService(options, closing.signal);
  service.history.add(options.records ?? []);
  const server = createServer((request, response) => void respond(service, request, response));
  const url = await listenPrivately(server, options.port);
  let closed: Promise<void> | undefined;
  return {
    url,
    port: portOf(server),
    requests: service.log.requests,
    add: service.history.add,
    lookUp: (region, input) => lookUp(service, { accountId: service.accounts.only, region }, input),
    setFault: service.faults.add,
    clearFaults: service.faults.clear,
    close() {
      closing.abort();
      closed ??= stop(server);
      return closed;
    },
  };
}

function createService(options: CloudTrailOptions, closing: AbortSignal): Service {
  const { account = '111122223333', accounts, requestsPerSecond = 2, deliveryDelay = 0, seed = 'cloudtrail' } = options;
  const throttleNow = options.throttleNow ?? (() => performance.now());
  return {
    accounts: { only: account, byAccessKey: accounts },
    history: createEventHistory(seed),
    faults: createFaultScript(seed),
    throttle: createThrottle(requestsPerSecond, throttleNow),
    tokens: createNextTokens(seed),
    log: createRequestLog(),
    now: options.now ?? Date.now,
    throttleNow,
    deliveryDelay: typeof deliveryDelay === 'number' ? () => deliveryDelay : ({ record }) => deliveryDelay(record),
    wait: (milliseconds) => sleep(milliseconds, undefined, { signal: closing }),
  };
}

/** Never rejects. Where the client goes away or the server closes meanwhile, nobody is left to be told. */
async function respond(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(request);
    const target = request.headers['x-amz-target'];
    const outcome = await serve(service, {
      authorization: request.headers.authorization,
      target: typeof target === 'string' ? target : undefined,
      body,
    });
    send(outcome, request, response);
  } catch (cause) {
    if (!request.socket.destroyed) send(refuse('InternalFailure', String(cause), 500), request, response);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function send(outcome: Outcome, request: IncomingMessage, response: ServerResponse): void {
  switch (outcome.kind) {
    case 'hang':
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'garbage':
      write(response, 200, outcome.body);
      return;
    case 'refusal':
      write(response, outcome.status, JSON.stringify({ __type: outcome.name, message: outcome.message }));
      return;
    case 'page':
      write(response, 200, JSON.stringify({ Events: outcome.Events, NextToken: outcome.NextToken }));
  }
}

function write(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(body);
}
