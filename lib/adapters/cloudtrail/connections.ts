import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { STSClient } from '@aws-sdk/client-sts';
import { Slots } from './slots.ts';

/** Timeouts, in milliseconds. */
const CONNECT_WITHIN = 5_000;
const ANSWER_WITHIN = 10_000;

/**
 * How long an idle connection stays open, in milliseconds. It closes before CloudTrail closes it, which would break the
 * next request.
 */
const IDLE_FOR = 15_000;

/**
 * Limits the requests at one time. A Lambda function can open 1,024 files. With every Region, requests and idle
 * connections use about 400 of them at most.
 */
export const MOST_REQUESTS = 128;
const MOST_REQUESTS_OF_HOST = 32;
const MOST_IDLE_OF_HOST = 8;

/** How the requests of an SDK client are sent. */
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
 * What all accounts and Regions of a process share: connections, the limit on requests, and one client of STS. The
 * accounts of one Region use its connections in turn. So the number of accounts does not decide how many files are
 * open.
 */
export class Connections {
  readonly slots = new Slots({ most: MOST_REQUESTS, mostOfHost: MOST_REQUESTS_OF_HOST });
  /**
   * The settings for CloudTrail, and for the requests to STS that get its credentials. `lookupPage` does retries and
   * keeps the pace, so the SDK does not.
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

  /** The client of STS with the credentials of the process. There is only one, so that these are resolved only once. */
  get sts(): STSClient {
    this.#sts ??= new STSClient(this.requests);
    return this.#sts;
  }
}
