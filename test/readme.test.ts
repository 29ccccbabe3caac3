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

describe('the README', () => {
  it('shows commands with their output', () => {
    expect(SHOWN.length).toBeGreaterThanOrEqual(2);
  });

  it.each(SHOWN.map(([, command = '', output = '']) => [command, output]))(
    '%s prints what is shown',
    async (command, output) => {
      const args = command.replace('npx eks-whois ', '').split(' ');
      const { stdout } = await run(process.execPath, ['bin/eks-whois', ...args], {
        cwd: ROOT,
        env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
      });
      const printed = stdout.split('\n');
      let at = 0;
      for (const line of output.split('\n')) {
        at = printed.indexOf(line, at);
        expect(at, `not printed, or not in this order: ${line}`).toBeGreaterThanOrEqual(0);
      }
    },
  );
});
