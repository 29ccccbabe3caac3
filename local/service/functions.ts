import { randomUUID } from 'node:crypto';
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { ScheduledEvent, SQSEvent } from 'aws-lambda';
import type { ErrorCode } from '../../lib/error-code.ts';
import { isJsonObject, listAt, parseJson, textAt } from '../../lib/json.ts';
import { formatInstant } from '../../lib/time.ts';
import type { LocalClock } from './local-clock.ts';
import type { OfflineProcess } from './offline-process.ts';

/** The service's functions, invoked with the events that they get on AWS. */
export interface LocalFunctions {
  ingest(data: string): Promise<void>;
  grants(envelopes: readonly object[]): Promise<void>;
  settle(): Promise<void>;
}

/** One invocation that failed: what it was given may be at fault, and others may succeed. */
export class InvocationError extends Error {
  readonly code = 'invocation' satisfies ErrorCode;
}

/**
 * Invokes over Lambda's API, at the clock's time. They throw an InvocationError where the function fails, and a
 * LocalError where the functions are no more.
 */
export function localFunctions(offline: OfflineProcess, clock: LocalClock): LocalFunctions {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const lambda = new LambdaClient({ endpoint: offline.lambdaUrl, region: 'us-east-1', credentials, maxAttempts: 1 });
  const send = async (command: InvokeCommand): Promise<InvokeCommandOutput> => {
    try {
      return await lambda.send(command);
    } catch (error) {
      throw new InvocationError(`${command.input.FunctionName}: ${String(error)}`, { cause: error });
    } finally {
      await offline.barrier(); // which fails where the functions are no more
    }
  };
  const invoke = async (name: string, event: object): Promise<unknown> => {
    await offline.barrier();
    const answer = await send(
      new InvokeCommand({ FunctionName: offline.nameOf(name), Payload: JSON.stringify(event) }),
    );
    const parsed = parseJson(answer.Payload?.transformToString() || 'null');
    const value = parsed.ok ? parsed.value : undefined;
    if (answer.FunctionError === undefined) return value;
    const reason = isJsonObject(value) ? textAt(value, 'errorMessage') : undefined;
    throw new InvocationError(`${name}: ${reason ?? answer.FunctionError}`);
  };
  return {
    async ingest(data) {
      await invoke('ingest', { awslogs: { data } });
    },
    async grants(envelopes) {
      const answer = await invoke('grants', queueEvent(envelopes, clock.now()));
      const failed = isJsonObject(answer) ? (listAt(answer, 'batchItemFailures')?.length ?? 0) : 0;
      if (failed > 0) throw new InvocationError(`grants: ${failed} of them could not be stored`);
    },
    async settle() {
      await invoke('settle', scheduled(formatInstant(clock.instant)));
    },
  };
}

function scheduled(time: string): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '111122223333',
    region: 'us-east-1',
    time,
    resources: [],
    detail: {},
  };
}

/** What Lambda's poller makes of a queue's messages. */
function queueEvent(envelopes: readonly object[], at: number): SQSEvent {
  return {
    Records: envelopes.map((envelope) => ({
      messageId: randomUUID(),
      receiptHandle: 'local',
      body: JSON.stringify(envelope),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(at),
        SenderId: 'local',
        ApproximateFirstReceiveTimestamp: String(at),
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:local',
      awsRegion: 'us-east-1',
    })),
  };
}
