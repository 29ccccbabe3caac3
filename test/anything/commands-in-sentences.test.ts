import { describe, expect, it } from 'vitest';
import { withPlaces, withPlacesIn } from '../../cli/whois/command-texts.ts';

describe('a command in a sentence of an answer', () => {
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

  it('has its operand before the files, which take any number of values', () => {
    const files = { audit: ['a.json'], cloudtrail: ['t.json'] };
    expect(withPlaces('To see it, run eks-whois related AUDIT-ID.', files)).toBe(
      'To see it, run eks-whois related AUDIT-ID --audit a.json --cloudtrail t.json.',
    );
    expect(withPlaces("eks-whois related 'a b'", files)).toBe(
      "eks-whois related 'a b' --audit a.json --cloudtrail t.json",
    );
  });

  it.each([
    'To search there, run eks-whois records --flag with --cluster and --namespace.',
    'List them (eks-whois records --audit-id), and compare their clusters.',
    'List its records for a time range (eks-whois records --audit-id, --from, --to).',
  ])('stays as it is if it only names options: %s', (text) => {
    expect(withPlaces(text, { table: 'prod' })).toBe(text);
  });

  it('is completed in notes and steps of a report, and never in what somebody else wrote', () => {
    const command = 'eks-whois records --resource secrets';
    const written = { userAgent: command, action: { command } };
    const report = { notes: [command], steps: [{ effect: command, command: 'eks-whois related a1' }], ...written };
    expect(withPlacesIn(report, { table: 'prod' })).toEqual({
      notes: ['eks-whois records --table prod --resource secrets'],
      steps: [
        { effect: 'eks-whois records --table prod --resource secrets', command: 'eks-whois related a1 --table prod' },
      ],
      ...written,
    });
  });
});
