import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';

const run = promisify(execFile);

/** In a checkout that nothing of is installed anywhere, as a newcomer has it. */
const shell = async (command: string) => (await run('sh', ['-c', command], { cwd: REPOSITORY })).stdout;

/** Returns the text after `Next` in the output, unchanged. */
const printed = (output: string) =>
  output.split('\n').flatMap((line) => /^ {2}(npx eks-whois .*)/.exec(line)?.[1] ?? []);

it('leads from a line of the audit log, by npx, in commands that can be copied into the shell', async () => {
  const files = '--audit examples/audit --cloudtrail examples/cloudtrail';
  const who = await shell(`sed -n 26p examples/audit/staging.json | npx eks-whois ${files}`);
  const [everything = '', report = ''] = printed(who);
  expect(await shell(everything)).toMatch(/ delete +payments\/jobs payments-migrate /);
  expect(await shell(report)).toMatch(/^Incident report\n/);
  const guide = await shell('npx eks-whois < /dev/null');
  const [example = ''] = printed(guide).filter((line) => line.includes('examples/'));
  expect(await shell(example)).toContain('hana.sato');
});
