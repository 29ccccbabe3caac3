import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';
import { startNoting } from './asking.ts';

const run = promisify(execFile);

/** `script` of util-linux gives a process a terminal. */
const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

describe.skipIf(!hasTerminal)('at a terminal', () => {
  it('a note says which service is queried if no option named it', async () => {
    await using service = await startNoting();
    const command = `${process.execPath} ${REPOSITORY}/bin/eks-whois sessions`;
    const env = { ...process.env, EKS_WHOIS_API: service.url };
    const { stdout } = await run('script', ['-qec', command, '/dev/null'], { env });
    expect(stdout).toContain(`eks-whois: Querying ${service.url} (EKS_WHOIS_API)`);
    const named = await run('script', ['-qec', `${command} --api ${service.url}`, '/dev/null'], { env });
    expect(named.stdout).not.toContain('asking');
  });
});
