import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { STSClient } from '@aws-sdk/client-sts';
import { Slots } from './slots.ts';

/** Times in milliseconds. */
const CONNECT_WITHIN = 5_000;
const ANSWER_WITHIN = 10_000;

/** Idle connections are closed before CloudTrail closes them, which would break the next request. */
const IDLE_FOR = 15_000;

/**
 * Of the 1,024 files that a function of Lambda may open: requests that are under way, and connections that are kept
 * for the next, at most some 400 with every Region that there is.
 */
export const MOST_REQUESTS = 128;
const MOST_REQUESTS_OF_HOST = 32;
const MOST_IDLE_OF_HOST = 8;

/** How a client of the SDK is to send its requests. */
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
 * What all accounts and Regions of a process share, so that their number does not decide how many files are open:
 * connections, which those of one Region use by turns, the bound on requests under way, and one client of STS.
 */
export class Connections {
  readonly slots = new Slots({ most: MOST_REQUESTS, mostOfHost: MOST_REQUESTS_OF_HOST });
  /** CloudTrail, and STS for its credentials: asked again by `lookupPage`, which keeps the pace, not by the SDK. */
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

  /** Asked by the process's own credentials, which it has to find once only. */
  get sts(): STSClient {
    this.#sts ??= new STSClient(this.requests);
    return this.#sts;
  }
}
