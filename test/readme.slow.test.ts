import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const run = promisify(execFile);

/** Each command of the README with the output that stands below it. */
const SHOWN = [...README.matchAll(/```sh\n(?:npm install && )?(npx eks-whois .*)\n```[^`]*```text\n([\s\S]*?)\n```/g)];

/** Runs the command in a shell, with the variables that npx sets, but without npx: its start takes longer than the answer. */
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

describe('the README', () => {
  it('shows commands with their output', () => {
    expect(SHOWN.length).toBeGreaterThanOrEqual(2);
  });

  it.each(SHOWN.map(([, command = '', output = '']) => [command, output]))(
    '%s prints what is shown',
    async (command, output) => {
      const { stdout } = await runShown(command);
      const lines = stdout.split('\n');
      let at = 0;
      for (const line of output.split('\n')) {
        at = lines.indexOf(line, at);
        expect(at, `not printed, or not in this order: ${line}`).toBeGreaterThanOrEqual(0);
      }
    },
  );

  it('leads from a line of the audit log to all requests of that person, and from these to the report', async () => {
    const [[, line = '', output = ''] = []] = SHOWN;
    expect(line).toContain('< examples/line.json');
    const [everything = '', report = ''] = output.split('\n').flatMap((one) => /^ {2}(npx .*)$/.exec(one)?.[1] ?? []);
    expect((await runShown(everything)).stderr).toContain(report.replace('npx ', ''));
    expect((await runShown(report)).stdout).toContain('ben.okafor');
  });

  it('fits on its page', () => expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(150));
});
