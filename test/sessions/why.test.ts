import { expect, it } from 'vitest';
import { REASON_ROWS } from '../../lib/attribution/reasons.ts';
import { runCommand } from '../builders/command.ts';

const FILES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];

it('A table of sessions on a screen explains the reasons in it, in the order of the contract', async () => {
  const { output } = await runCommand(['sessions', ...FILES], undefined, { COLUMNS: '400' });
  const explained = output.split('\n').filter((line) => line.includes(' = '));
  expect(explained).toEqual([
    `  access-key-not-seen = ${REASON_ROWS['access-key-not-seen'].why}`,
    `  session-name-unknown = ${REASON_ROWS['session-name-unknown'].why}`,
    `  no-matching-grant = ${REASON_ROWS['no-matching-grant'].why}`,
    `  caller-account-not-logged = ${REASON_ROWS['caller-account-not-logged'].why}`,
    `  upstream-grant-not-found = ${REASON_ROWS['upstream-grant-not-found'].why}`,
    `  acts-for-impersonated-user = ${REASON_ROWS['acts-for-impersonated-user'].why}`,
  ]);
});

it('A table of sessions for a program has no explanations', async () => {
  for (const args of [[], ['--no-headers']])
    expect((await runCommand(['sessions', ...FILES, ...args])).output).not.toContain(' = ');
  const headless = await runCommand(['sessions', ...FILES, '--no-headers'], undefined, { COLUMNS: '200' });
  expect(headless.output).not.toContain(' = ');
});
