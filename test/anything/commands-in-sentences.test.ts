import { describe, expect, it } from 'vitest';
import { withPlaces } from '../../cli/whois/command-texts.ts';
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

  const LIST = 'To see who requested tokens: eks-whois records --resource serviceaccounts/token.';

  it('asks the same service', () => {
    const api = 'https://who.example.com';
    expect(withPlaces(LIST, { api })).toBe(
      `To see who requested tokens: eks-whois records --api ${api} --resource serviceaccounts/token.`,
    );
    expect(withPlaces('List the names with eks-whois known.', { table: 'prod', region: ['eu-west-1'] })).toBe(
      'List the names with eks-whois known --table prod --region eu-west-1.',
    );
  });

  it('gets no audit log if it lists changes, which only CloudTrail has', () => {
    const files = { audit: ['a.json'], cloudtrail: ['t.json'] };
    expect(withPlaces('eks-whois changes --cluster prod', files)).toBe(
      'eks-whois changes --cloudtrail t.json --cluster prod',
    );
  });

  it('stays as it is if it has a place, or if the answer has none', () => {
    const whole = 'eks-whois records --audit-id x --table prod ';
    expect(withPlaces(whole, { api: 'https://who.example.com' })).toBe(whole);
    expect(withPlaces(LIST, {})).toBe(LIST);
  });
});
