import { describe, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import { FILES } from './examples.ts';

/** The commands in the sentences of an answer, as arguments of the command line. */
function commandsIn(output: string): readonly string[][] {
  const [sentences = ''] = output.split('\nNext:\n');
  return Array.from(
    sentences.matchAll(/eks-whois ((?:records|sessions|changes) .*?)\.?(?= [A-Z]|$)/gm),
    ([, words = '']) => words.replaceAll("'", '').split(' '),
  );
}

describe('a command in a sentence of an answer', () => {
  it.each([
    'what was done with the token JTI=4c1f5b1e-0000-4000-8000-000000000001?',
    'what was done with the token that ana.silva requested for service account shop/deployer?',
  ])('searches the same files, so that it runs as it stands: %s', async (text) => {
    const { output } = await runCommand([text, ...FILES]);
    const commands = commandsIn(output);
    expect(commands).toHaveLength(1);
    for (const command of commands) {
      const { status, errors } = await runCommand(command);
      expect(errors).not.toContain('error:');
      expect([0, 4]).toContain(status);
    }
  });
});
