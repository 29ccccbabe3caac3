import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { roleUser } from '../builders/audit-event.ts';
import { REPOSITORY } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { startScripted } from './scripted-service.ts';

const run = promisify(execFile);

/** `script` of util-linux gives a process a terminal. */
const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

describe.skipIf(!hasTerminal)('at a terminal', () => {
  it('JSON lines show what an attacker wrote escaped, also with --follow', async () => {
    const service = await startScripted();
    const user = roleUser({ username: 'a\u202eb\u009b2Jc' });
    await service.add(storedRecord({ auditID: 'one', user, requestReceivedTimestamp: utc('12:10:00') }));
    const args = ['records', '--follow', '--cluster', 'prod-1', '--namespace', 'shop', '--api', service.url];
    const line = [process.execPath, `${REPOSITORY}/bin/eks-whois`, ...args, '--from', utc('12:00:00'), '--limit', '1'];
    const { stdout } = await run('script', ['-qec', `${line.join(' ')} --format jsonl`, '/dev/null']);
    await service.stop();
    expect(stdout).toContain('a\\u202eb\\u009b2Jc');
    expect(stdout).not.toMatch(/[\u202e\u009b]/);
  });
});
