import { expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import { documentOf, sectionsOf } from './document.ts';
import { commandsOf } from './shell-blocks.ts';

/** The sections about alerts. Those about alarms of the service follow (test/infra/alarms.test.ts). */
const [ALERTS = ''] = documentOf('docs/alerts.md').split('\n## Alarms of the service\n');
const SECTIONS = sectionsOf(ALERTS, 3);

it.each(SECTIONS)('the runbook of $title begins with a command', ({ text }) => {
  const steps = [...text.matchAll(/^ {2}\d\. (.*)$/gm)];
  expect(steps.some(([, step]) => step?.includes('`eks-whois '))).toBe(true);
  expect(text).toMatch(/^- \*\*Close\*\* (?:when|at once)/m);
});

it('the runbook gives only commands with existing options', async () => {
  const commands = SECTIONS.flatMap(({ text }) =>
    [...text.matchAll(/`(eks-whois [^`]+)`/g)].map(([, command]) => command),
  );
  const block = [...new Set(commands)].map((command) => String(command).replace(/[<>…]/g, '-')).join('\n');
  const words = await commandsOf(block, {
    API_URL: 'u',
    CALLER_UID: 'u',
    NAME: 'n',
    SESSION: 's',
    KEY: 'k',
    FIRST: 't',
  });
  expect(words.length).toBeGreaterThan(10);
  const names = [...new Set(words.map(([, name = '']) => name))];
  const helps = new Map(
    await Promise.all(names.map(async (name) => [name, (await runCommand([name, '--help', '--all'])).output] as const)),
  );
  for (const [, name = '', ...args] of words) {
    for (const option of args.filter((arg) => arg.startsWith('--'))) expect(helps.get(name)).toContain(`${option} `);
  }
});
