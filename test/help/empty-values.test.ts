import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../../cli/failures/command-error.ts';
import { buildProgram } from '../../cli/main.ts';
import { runCommand } from '../builders/command.ts';

/** The other words that each command needs, so that only the empty value is wrong. */
const OTHERWISE_RIGHT: Readonly<Record<string, readonly string[]>> = {
  backfill: ['--table', 'eks-whois-prod', '--audit', '.'],
  records: ['--actor', 'alice'],
  sessions: [],
};

const program = await buildProgram();
const options = program.commands
  .filter((command) => command.name() in OTHERWISE_RIGHT)
  .flatMap((command) =>
    command.options.flatMap(({ long, required }) => (required && long ? [[command.name(), long] as const] : [])),
  );

/** Parses the words. Returns the exit status and the message of the refusal; status 0 if nothing is wrong. */
async function refusal(args: readonly string[]): Promise<{ status: number; words: string }> {
  const fresh = await buildProgram();
  for (const command of fresh.commands) command.configureOutput({ writeErr: () => undefined });
  const error: unknown = await fresh.parseAsync(['node', 'eks-whois', ...args]).catch((thrown: unknown) => thrown);
  if (error instanceof CommanderError) return { status: 2, words: error.message };
  return error instanceof CommandError ? { status: error.exitStatus, words: error.message } : { status: 0, words: '' };
}

describe('an empty value, as from a shell variable that is not set, is wrong usage:', () => {
  it.each(options)('%s %s', async (command, long) => {
    for (const value of ['', ' ']) {
      const right = OTHERWISE_RIGHT[command] ?? [];
      const others = right.filter((_, at) => ![right[at], right[at - 1]].includes(long));
      const { status, words } = await refusal([command, ...others, long, value]);
      expect(words).toContain(long);
      expect(words).toMatch(/is empty\. Give a value, or leave the option out|invalid/);
      expect(status).toBe(2);
    }
  });

  it('in one sentence', async () => {
    const given = ['backfill', '--table', 'eks-whois-prod', '--log-group', '', '--from', '2026-03-10T14:00:00Z'];
    expect(await runCommand(given)).toMatchObject({
      status: 2,
      output: '',
      errors:
        'eks-whois: --log-group is empty. Give a value, or leave the option out. Perhaps a shell variable is not set.\n',
    });
  });
});
