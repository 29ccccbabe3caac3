import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { DeleteMessageBatchCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unzipSync } from 'fflate';
import { isJsonObject, type JsonObject, listAt, parseJson, textAt } from '../../lib/json.ts';
import { type LoopbackServer, listen } from '../../local/loopback/guard.ts';
import { type RunningFunction, startFunction } from '../release/runtime-api.ts';
import { type Accounts, HUB, type Place } from './accounts.ts';
import type { Observer } from './observer.ts';

/** A stand-in for Lambda. It runs each function that moto has, from the zip whose digest moto states, in the environment that moto states. */
export class Functions implements AsyncDisposable {
  readonly #accounts: Accounts;
  readonly #observed: Observer;
  readonly #now: () => number;
  readonly #folder: string;
  readonly #cloudtrail: string;
  readonly #running = new Map<string, Promise<RunningFunction>>();
  /** Folders of unpacked zips, by digest. */
  readonly #code = new Map<string, string>();
  readonly #calls: (() => Promise<unknown>)[] = [];
  readonly #answers: JsonObject[] = [];
  #front: LoopbackServer | undefined;
  #mappings: Promise<readonly Mapping[]> | undefined;

  constructor(accounts: Accounts, surroundings: FunctionSurroundings) {
    this.#accounts = accounts;
    this.#observed = surroundings.observed;
    this.#now = surroundings.now;
    this.#folder = surroundings.folder;
    this.#cloudtrail = surroundings.cloudtrail;
  }

  /** Unpacks a zip, so that it runs where moto has one of this digest (base64 of SHA-256). */
  unpack(digest: string, bytes: Uint8Array): void {
    const folder = join(this.#folder, randomUUID());
    for (const [path, content] of Object.entries(unzipSync(bytes))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    this.#code.set(digest, folder);
  }

  /** Starts what takes functions' asynchronous invocations, and answers to CloudFormation. */
  async listen(): Promise<void> {
    const server = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(Buffer.from(piece));
      const body = parseJson(Buffer.concat(pieces).toString());
      const sent = body.ok && isJsonObject(body.value) ? body.value : {};
      const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
      if (name === undefined) this.#answers.push(sent);
      else this.#calls.push(() => this.invoke(this.arn(HUB, decodeURIComponent(name).split(':').at(-1) ?? ''), sent));
      response.writeHead(name === undefined ? 200 : 202, { 'content-type': 'application/json' }).end();
    });
    this.#front = await listen(server);
  }

  /** Returns the ARN of a function by its name. */
  arn({ account, region }: Place, name: string): string {
    return `arn:aws:lambda:${region}:${account}:function:${name}`;
  }

  /** Invokes a function, and what it asks to be invoked. A failure is an observed error, and is thrown. */
  async invoke(arn: string, event: object): Promise<unknown> {
    const running = this.#running.get(arn) ?? this.#start(arn);
    this.#running.set(arn, running);
    try {
      return await (await running).invoke(event);
    } catch (error) {
      this.#observed.failed(arn, error);
      throw error;
    }
  }

  /** Invokes settle, and its workers. */
  async settle(): Promise<void> {
    await this.invoke(this.arn(HUB, 'eks-whois-prod-settle'), { source: 'aws.events' });
    for (let next = this.#calls.shift(); next !== undefined; next = this.#calls.shift()) await next();
  }

  /** Lets CloudFormation's deletion of the stack's custom resource happen; returns what the function answered. */
  async deleteSubscriptions(place: Place): Promise<JsonObject> {
    const RequestId = randomUUID();
    await this.invoke(this.arn(place, 'eks-whois-prod-subscribe'), {
      ...{ RequestType: 'Delete', ResponseURL: this.#front?.url, RequestId },
      ...{ StackId: 'stack', LogicalResourceId: 'FoundSubscriptions', PhysicalResourceId: 'eks-whois-prod-audit' },
      ResourceProperties: { ListedClusters: [] },
    });
    return this.#answers.find((answer) => answer.RequestId === RequestId) ?? {};
  }

  async #start(arn: string): Promise<RunningFunction> {
    const [, , , region = '', account = '', , name = ''] = arn.split(':');
    const place = { account, region };
    const lambda = await this.#accounts.client(LambdaClient, place);
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    const folder = this.#code.get(found.CodeSha256 ?? '');
    if (folder === undefined) throw new Error(`${arn} has code of no release: ${found.CodeSha256}`);
    const variables = Object.entries(found.Environment?.Variables ?? {}).map(([key, value]) => [key, String(value)]);
    const environment = {
      ...Object.fromEntries(variables),
      ...(await this.#accounts.environment(place)),
      AWS_ENDPOINT_URL_CLOUDTRAIL: this.#cloudtrail,
      AWS_ENDPOINT_URL_LAMBDA: this.#front?.url ?? '',
      HUB_EVENTS_URL: this.#accounts.server,
      LOOKUPS_PER_SECOND: '1000',
    };
    const module = join(folder, `${(found.Handler ?? '').replace(/\.handler$/, '')}.mjs`);
    return startFunction(module, environment, {
      now: this.#now,
      line: (line) => this.#observed.line(place, line),
    });
  }

  /** Polls the hub's queues as its event source mappings say, until they are empty. */
  async poll(): Promise<void> {
    this.#mappings ??= this.#mappingsOfHub();
    const mappings = await this.#mappings;
    for (let taken = 1; taken > 0; ) {
      taken = 0;
      for (const mapping of mappings) taken += await this.#pollOnce(mapping);
    }
  }

  async #mappingsOfHub(): Promise<readonly Mapping[]> {
    const lambda = await this.#accounts.client(LambdaClient, HUB);
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
    const sqs = await this.#accounts.client(SQSClient, HUB);
    const mappings = EventSourceMappings.map(async ({ EventSourceArn = '', FunctionArn = '', BatchSize = 10 }) => {
      const QueueName = EventSourceArn.split(':').at(-1);
      const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
      return { queue: EventSourceArn, url: QueueUrl, to: FunctionArn, size: Math.min(10, BatchSize) };
    });
    return Promise.all(mappings);
  }

  async #pollOnce({ queue, url: QueueUrl, to, size }: Mapping): Promise<number> {
    const sqs = await this.#accounts.client(SQSClient, HUB);
    const AttributeNames = ['All' as const];
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: size, AttributeNames });
    const { Messages = [] } = await sqs.send(command);
    if (Messages.length === 0) return 0;
    const Records = Messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
      ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes ?? {} },
      ...{ messageAttributes: {}, md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: queue, awsRegion: HUB.region },
    }));
    const answer = await this.invoke(to, { Records });
    const failures = (isJsonObject(answer) ? listAt(answer, 'batchItemFailures') : undefined) ?? [];
    const failed = new Set(failures.filter(isJsonObject).map((failure) => textAt(failure, 'itemIdentifier')));
    const Entries = Messages.flatMap(({ MessageId: Id = '', ReceiptHandle }) =>
      failed.has(Id) ? [] : [{ Id, ReceiptHandle }],
    );
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    this.#observed.failedMessages += failed.size;
    return Entries.length;
  }

  /** Ends all processes: Lambda starts others after an update. */
  async restart(): Promise<void> {
    const running = await Promise.allSettled(this.#running.values());
    this.#running.clear();
    this.#mappings = undefined;
    for (const each of running) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.restart();
    await this.#front?.close();
  }
}

export interface FunctionSurroundings {
  readonly observed: Observer;
  readonly now: () => number;
  /** For the unpacked zips. */
  readonly folder: string;
  /** The address of CloudTrail's look-ups, which moto does not have. */
  readonly cloudtrail: string;
}

interface Mapping {
  readonly queue: string;
  readonly url: string;
  readonly to: string;
  readonly size: number;
}
