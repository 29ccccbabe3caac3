import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { STSClient } from '@aws-sdk/client-sts';
import { Slots } from './slots.ts';

/** Timeouts, in milliseconds. */
const CONNECT_WITHIN = 5_000;
const ANSWER_WITHIN = 10_000;

/**
 * How long an idle connection is kept. It is closed before CloudTrail closes it, which would break the next request.
 */
const IDLE_FOR = 15_000;

/**
 * The maximum number of requests at once. A Lambda function may open 1,024 files. Running requests and idle connections use about 400 of
 * them at most, with every Region.
 */
export const MOST_REQUESTS = 128;
const MOST_REQUESTS_OF_HOST = 32;
const MOST_IDLE_OF_HOST = 8;

/** Settings for sending the requests of an SDK client. */
export interface RequestSettings {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly httpAgent: HttpAgent;
    readonly httpsAgent: HttpsAgent;
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/**
 * Resources that all accounts and Regions of a process share: connections, which the accounts of one Region use in
 * turn, the limit on running requests, and one client of STS. So the number of accounts does not decide how many files
 * are open.
 */
export class Connections {
  readonly slots = new Slots({ most: MOST_REQUESTS, mostOfHost: MOST_REQUESTS_OF_HOST });
  /**
   * Settings for CloudTrail, and for STS to get its credentials. `lookupPage` retries and keeps the pace, not the SDK.
   */
  readonly requests: RequestSettings;
  #sts: STSClient | undefined;

  constructor() {
    const agent = {
      keepAlive: true,
      maxSockets: MOST_REQUESTS,
      maxFreeSockets: MOST_IDLE_OF_HOST,
      timeout: IDLE_FOR,
    };
    const requestHandler = {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: CONNECT_WITHIN,
      requestTimeout: ANSWER_WITHIN,
      throwOnRequestTimeout: true as const,
    };
    this.requests = { maxAttempts: 1, requestHandler };
  }

  /** The client of STS, with the credentials of the process, so that they are resolved only once. */
  get sts(): STSClient {
    this.#sts ??= new STSClient(this.requests);
    return this.#sts;
  }
}
