import { randomUUID } from 'node:crypto';
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { ScheduledEvent } from 'aws-lambda';
import { isJsonObject, parseJson, textAt } from '../../lib/json.ts';
import { formatInstant } from '../../lib/time.ts';
import { InvocationError } from './fed-functions.ts';
import type { LocalClock } from './local-clock.ts';
import type { OfflineProcess } from './offline-process.ts';

/**
 * Returns a function that invokes settle over Lambda's API at the clock's time, like its schedule. It throws an
 * InvocationError if the function fails, and a LocalError if the functions ended.
 */
export function invokedSettle(offline: OfflineProcess, clock: LocalClock): () => Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const lambda = new LambdaClient({ endpoint: offline.lambdaUrl, region: 'us-east-1', credentials, maxAttempts: 1 });
  const send = async (command: InvokeCommand): Promise<InvokeCommandOutput> => {
    try {
      return await lambda.send(command);
    } catch (error) {
      throw new InvocationError(`${command.input.FunctionName}: ${String(error)}`, { cause: error });
    } finally {
      await offline.barrier(); // This fails if the functions ended.
    }
  };
  return async () => {
    await offline.barrier();
    const Payload = JSON.stringify(scheduled(formatInstant(clock.instant)));
    const answer = await send(new InvokeCommand({ FunctionName: offline.nameOf('settle'), Payload }));
    if (answer.FunctionError === undefined) return;
    const parsed = parseJson(answer.Payload?.transformToString() || 'null');
    const reason = parsed.ok && isJsonObject(parsed.value) ? textAt(parsed.value, 'errorMessage') : undefined;
    throw new InvocationError(`settle: ${reason ?? answer.FunctionError}`);
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
