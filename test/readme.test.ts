import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const run = promisify(execFile);

/** Each command that the README shows together with what it prints. */
const SHOWN = [...README.matchAll(/```sh\n(?:npm install && )?(npx eks-whois .*)\n```[^`]*```text\n([\s\S]*?)\n```/g)];

/** As the shell runs it, but without npx, whose own start takes longer than the answer; what npx sets, it finds. */
function runShown(command: string) {
  return run('sh', ['-c', command.replace('npx eks-whois', 'node bin/eks-whois')], {
    cwd: ROOT,
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      npm_lifecycle_event: 'npx',
      npm_lifecycle_script: 'eks-whois',
    },
  });
}

/** What each printed, to standard output and standard error. */
const printed = new Map<string, string>();

describe('the README', () => {
  it('shows commands with their output', () => {
    expect(SHOWN.length).toBeGreaterThanOrEqual(2);
  });

  it.each(SHOWN.map(([, command = '', output = '']) => [command, output]))(
    '%s prints what is shown',
    async (command, output) => {
      const { stdout, stderr } = await runShown(command);
      printed.set(command, stdout + stderr);
      const lines = stdout.split('\n');
      let at = 0;
      for (const line of output.split('\n')) {
        at = lines.indexOf(line, at);
        expect(at, `not printed, or not in this order: ${line}`).toBeGreaterThanOrEqual(0);
      }
    },
  );

  it('leads from a line of the audit log to who, everything that person did and a report, each printed by the one before', () => {
    const [who = '', everything = '', report = ''] = SHOWN.map(([, command = '']) => command);
    expect(who).toContain('< examples/line.json');
    expect(printed.get(who)).toContain(`\n  ${everything}\n`);
    expect(printed.get(everything)).toContain(`a report for the ticket: ${report}\n`);
  });
});
