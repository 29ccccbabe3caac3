import { describe, expect, it } from 'vitest';
import { FLAGS, REASONS } from '../../lib/attribution/attribution.ts';
import { ALERT_CAUSES, DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import { runCommand } from '../builders/command.ts';
import { documentOf, sectionsOf, tableRows } from './document.ts';
import { commandsOf } from './shell-blocks.ts';

const DOCUMENT = documentOf('docs/alerts.md');
const SECTIONS = sectionsOf(DOCUMENT, 3);

describe('the runbook of alerts', () => {
  it('has a section for each reason and flag, and for ambiguous, and no other', () => {
    const wanted = [...REASONS, ...FLAGS, 'ambiguous'];
    expect(SECTIONS.map(({ title }) => title).toSorted()).toEqual(wanted.toSorted());
  });

  it.each(SECTIONS)('$title says what it means, how it looks, what to do and when to close', ({ text }) => {
    for (const part of ['Means:', 'Harmless:', 'Attack:', 'First:', 'Mend:']) expect(text).toContain(`\n- **${part}**`);
    expect(text).toMatch(/^- \*\*Close\*\* (?:when|at once)/m);
    const steps = [...text.matchAll(/^ {2}(\d)\. (.*)$/gm)];
    expect(steps.map(([, number]) => number)).toEqual(['1', '2', '3']);
    expect(steps.some(([, , step]) => step?.includes('`eks-whois '))).toBe(true);
  });

  it('lists every cause that can alert, and which do by default', () => {
    const rows = tableRows(DOCUMENT, 'cause (parameter alertOn)').map(([cause = '', state]) => [
      cause.slice(1, -1),
      state,
    ]);
    const wanted = ALERT_CAUSES.map((cause) => [cause, DEFAULT_ALERT_CAUSES.includes(cause) ? 'on' : 'off']);
    expect(rows.toSorted()).toEqual(wanted.toSorted());
  });

  it('gives commands whose options there are', async () => {
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
      await Promise.all(names.map(async (name) => [name, (await runCommand([name, '--help'])).output] as const)),
    );
    for (const [, name = '', ...args] of words) {
      for (const option of args.filter((arg) => arg.startsWith('--'))) expect(helps.get(name)).toContain(`${option} `);
    }
  });
});
