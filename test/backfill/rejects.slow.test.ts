import { describe, expect, test } from 'vitest';
import { isJsonObject, parseJson } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import type { Folder } from '../builders/command.ts';
import { account, minute, THEN } from './running.ts';

const GROUP = '/aws/eks/prod/cluster';
const HOURS = Array.from({ length: 72 }, (_, hour) => hour * 60 - 72 * 60);
/** An entry in each hour that was cut at 1 MB: only --rejects has anything of it. */
const CUT = HOURS.map((minutes) => ({
  stream: 'kube-apiserver-audit-0123456789abcdef',
  timestamp: THEN + minutes * MINUTE,
  message: `{"kind":"Event","auditID":"cut ${minutes}`,
}));
const RANGE = ['--log-group', GROUP, '--from', minute(-72 * 60), '--to', minute(0)];
const ARGS = [...RANGE, '--settle-minutes', '0', '--rejects', 'rejects.jsonl'];

function rejectsIn(folder: Folder): string[] {
  return folder
    .read('rejects.jsonl')
    .split('\n')
    .flatMap((line) => {
      const parsed = parseJson(line);
      return parsed.ok && isJsonObject(parsed.value) ? String(parsed.value.sample) : [];
    });
}

test('an entry of a log group is listed so that it can be found', async () => {
  const { backfill, folder } = await account({ groups: { [GROUP]: CUT.slice(0, 1) } });
  expect(await backfill(ARGS)).toMatchObject({ status: 0 });
  const parsed = parseJson(folder.read('rejects.jsonl'));
  expect(parsed).toMatchObject({
    value: {
      file: `log group ${GROUP}`,
      place: `log group ${GROUP}, logEvents[0], stream ${CUT[0]?.stream}, event id 0, ${minute(-72 * 60)}`,
    },
  });
});

describe('after a stop, the file of rejects', () => {
  test.each(['SIGINT', 'SIGKILL'] as const)('is continued (%s)', async (signal) => {
    const { backfill, interrupted, folder, logs, state } = await account({ groups: { [GROUP]: CUT } });
    await interrupted(ARGS, () => logs.requests.length >= 20, signal);
    expect(state()).toBeDefined();
    const { stderr, status } = await backfill(ARGS);
    expect(stderr).toMatch(/^eks-whois: rejects\.jsonl is appended to: [^\n]+\.\n$/);
    expect(status).toBe(0);
    expect(new Set(rejectsIn(folder))).toEqual(new Set(CUT.map(({ message }) => message)));
    expect(state()).toBeUndefined();
    expect((await backfill(ARGS)).stderr).toBe('');
    expect(rejectsIn(folder)).toHaveLength(CUT.length);
  });

  test('is kept for the stopped run, also if another run writes to it', async () => {
    const { backfill, interrupted, folder, logs } = await account({ groups: { [GROUP]: CUT } });
    await interrupted(ARGS, () => logs.requests.length >= 20);
    expect((await backfill([...ARGS, '--from', minute(-60)])).stderr).toMatch(/is appended to/);
    await backfill(ARGS);
    expect(new Set(rejectsIn(folder))).toEqual(new Set(CUT.map(({ message }) => message)));
  });

  test('continues after an incomplete line', async () => {
    const { backfill, interrupted, folder, logs } = await account({ groups: { [GROUP]: CUT } });
    await interrupted(ARGS, () => logs.requests.length >= 20);
    folder.file('rejects.jsonl', '{"file":"log gr');
    await backfill(ARGS);
    expect(folder.read('rejects.jsonl')).toMatch(/^\{"file":"log gr\n\{"file"/);
  });
});
