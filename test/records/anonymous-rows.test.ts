import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { type ScriptedService, startScripted } from './scripted-service.ts';

let service: ScriptedService;
beforeAll(async () => {
  service = await startScripted();
});
afterAll(() => service.stop());

it('--limit counts anonymous callers that were let in, like people, but not the summed rows', async () => {
  const by = (auditID: string, username: string, minute: number) =>
    storedRecord({
      auditID,
      user: { username },
      requestReceivedTimestamp: `2026-03-10T12:0${minute}:00.000000Z`,
      responseStatus: { code: 200 },
    });
  await service.add(
    by('first', 'system:anonymous', 1),
    by('second', 'system:anonymous', 2),
    by('third', 'system:anonymous', 3),
    by('own', 'system:kube-scheduler', 4),
  );
  const args = ['records', '--api', service.url, '--from', '2026-03-10', '--to', '2026-03-11', '--limit', '2'];
  const { status, output, errors } = await runCommand([...args, '-o', 'table']);
  expect([status, errors]).toEqual([0, expect.stringContaining('there are more (--limit reached)')]);
  expect(output.split('\n').filter((line) => /12:0[123]:00/.test(line))).toHaveLength(2);
});
