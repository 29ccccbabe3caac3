import { execFile } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import type { NotedService } from '../configure/asking.ts';
import { startKnown } from './known-service.ts';
import { hasShell, hasTerminals, ShellHome, TerminalShell } from './terminal-shell.ts';

/** Names that would create a file if a shell evaluated them. */
const HOSTILE = [
  'evil$(touch pwned)',
  'evil`touch pwned`',
  'evil;touch pwned',
  'evil\ntouch pwned',
  'evil>pwned',
  'evil|tee pwned',
];

let service: NotedService;
beforeAll(async () => {
  service = await startKnown({
    actors: ['alice', 'Alina', 'anna@example.com', 'bob'],
    namespaces: ['payments', 'team:pay/one', 'team:pay/two', 'shop', ...HOSTILE],
  });
});
afterAll(() => service[Symbol.asyncDispose]());

async function scriptFor(shell: string): Promise<string> {
  return (await runCommand(['completion', shell])).output;
}

/** The text before Tab, and the text after Tab, in every shell. */
const TYPED: readonly (readonly [string, string])[] = [
  ['eks-whois records --actor ali', 'eks-whois records --actor alice '],
  ['eks-whois records --actor Ali', 'eks-whois records --actor Alina '],
  ['eks-whois records --actor ALI', 'eks-whois records --actor ALI'],
  ['eks-whois records --actor anna@ex', 'eks-whois records --actor anna@example.com '],
  ['eks-whois records --actor alice --actor=bo', 'eks-whois records --actor alice --actor=bob '],
  ['eks-whois records --not-actor bo', 'eks-whois records --not-actor bob '],
  ['eks-whois records -n team', 'eks-whois records -n team:pay/'],
  ['eks-whois records --namespace=team:pay/t', 'eks-whois records --namespace=team:pay/two '],
  ['eks-whois records -n "team:pay/o', 'eks-whois records -n "team:pay/one" '],
  ['eks-whois sessions --cluster pr', 'eks-whois sessions --cluster prod '],
  ['eks-whois known namespaces sh', 'eks-whois known namespaces shop '],
  ['eks-whois whois bo', 'eks-whois whois bob '],
  ['eks-whois anna', 'eks-whois anna@example.com '],
  ['eks-whois attribute --actor bo', 'eks-whois attribute --actor bo'],
  ['eks-whois records --api http://127.0.0.1:9 --actor bo', 'eks-whois records --api http://127.0.0.1:9 --actor bo'],
  ['eks-whois records -n evil', 'eks-whois records -n evil'],
];

describe.each(['bash', 'zsh'] as const)('a person who types in %s', (name) => {
  it.skipIf(!hasShell(name) || !hasTerminals())('has names completed, and none evaluated', async () => {
    using home = new ShellHome();
    await using shell = await TerminalShell.start(name, home, await scriptFor(name), { EKS_WHOIS_API: service.url });
    const lines: (readonly [string, string])[] = [];
    for (const [typed] of TYPED) lines.push([typed, await shell.afterTab(typed)]);
    expect(lines).toEqual(TYPED);
    expect(existsSync(home.at('pwned'))).toBe(false);
  });

  it.skipIf(!hasShell(name) || !hasTerminals())('sees nothing of what fails', async () => {
    using home = new ShellHome();
    await using shell = await TerminalShell.start(name, home, await scriptFor(name), {
      EKS_WHOIS_API: '$(touch pwned)',
    });
    expect(await shell.afterTab('eks-whois records --actor ali')).toBe('eks-whois records --actor ali');
    expect(shell.shown).not.toMatch(/address|touch|\n/);
  });

  it.skipIf(!hasShell(name) || !hasTerminals())('runs nothing of what is answered, whatever that is', async () => {
    using home = new ShellHome();
    answeringHostile(home);
    await using shell = await TerminalShell.start(name, home, await scriptFor(name));
    expect(await shell.afterTab('eks-whois records -n ev')).toMatch(/-n evil/);
    expect(await shell.afterTab('eks-whois whois ev')).toMatch(/whois evil/);
    expect(existsSync(home.at('pwned'))).toBe(false);
  });
});

/** In place of the program one that answers names as they are. */
function answeringHostile(home: ShellHome): void {
  rmSync(home.at('bin/eks-whois'));
  home.file('bin/eks-whois', `#!/bin/sh\ncat "$(dirname "$0")/names"\n`);
  chmodSync(home.at('bin/eks-whois'), 0o755);
  const lines = HOSTILE.filter((name) => !name.includes('\n'));
  home.file('bin/names', `${lines.join('\n')}\n`);
}

describe.skipIf(!hasShell('fish'))('a person who types in fish', () => {
  it('is offered names, and none is evaluated', async () => {
    using home = new ShellHome();
    const script = home.file('completions.fish', await scriptFor('fish'));
    const offered = async (line: string) => {
      const command = `source ${script}; complete -C $argv[1]`;
      const env = { ...home.environment, EKS_WHOIS_API: service.url };
      const { stdout } = await promisify(execFile)('fish', ['-N', '-c', command, line], { cwd: home.path, env });
      return stdout.split('\n').flatMap((row) => (row === '' ? [] : [row.replace(/\t.*/, '')]));
    };
    expect(await offered('eks-whois records --actor ali')).toEqual(['alice']);
    expect(await offered('eks-whois records --actor=bo')).toEqual(['--actor=bob']);
    expect(await offered('eks-whois records --not-actor bo')).toEqual(['bob']);
    expect(await offered('eks-whois records -n "team:pay/')).toEqual(['team:pay/one', 'team:pay/two']);
    expect(await offered('eks-whois known namespaces sh')).toEqual(['shop']);
    expect(await offered('eks-whois known na')).toEqual(['namespaces']);
    expect(await offered('eks-whois anna')).toEqual(['anna@example.com']);
    expect(await offered('eks-whois records -n evil')).toEqual([]);
    answeringHostile(home);
    expect(await offered('eks-whois records -n evil')).toContain('evil$(touch pwned)');
    expect(existsSync(home.at('pwned'))).toBe(false);
  });
});
