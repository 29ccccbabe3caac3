import { describe, expect, it } from 'vitest';
import { withPlaces, withPlacesIn } from '../../cli/whois/command-texts.ts';

describe('a command in a sentence of an answer', () => {
  const LIST = 'To see who requested tokens: eks-whois records --resource serviceaccounts/token.';

  it('asks the same service', () => {
    const api = 'https://who.example.com';
    expect(withPlaces(LIST, { api })).toBe(
      `To see who requested tokens: eks-whois records --api ${api} --resource serviceaccounts/token.`,
    );
    expect(
      withPlaces('List the names with eks-whois known actors.', { table: 'prod', region: ['eu-west-1', 'us-east-1'] }),
    ).toBe('List the names with eks-whois known actors --table prod --region eu-west-1.');
  });

  it('gets no audit log if it lists changes, which only CloudTrail has', () => {
    const files = { audit: ['a.json'], cloudtrail: ['t.json'] };
    expect(withPlaces('eks-whois changes --cluster prod', files)).toBe(
      'eks-whois changes --cloudtrail t.json --cluster prod',
    );
  });

  it('stays as it is if the question has no place', () => {
    expect(withPlaces(LIST, {})).toBe(LIST);
  });

  it('asks the service alone, and not the CloudTrail files beside it', () => {
    expect(withPlaces('eks-whois records --session x', { table: 'prod', cloudtrail: ['t.json'] })).toBe(
      'eks-whois records --table prod --session x',
    );
  });

  it('has the rules of the question, and a placeholder for a log that it did not name', () => {
    const places = { cloudtrail: ['t.json'], usernameTemplate: ['admin:{{SessionName}}'] };
    expect(withPlaces('eks-whois known actors.', places)).toBe(
      "eks-whois known actors --audit AUDIT-LOG --cloudtrail t.json --username-template 'admin:{{SessionName}}'.",
    );
  });

  it('has its operand before the files, which take any number of values', () => {
    const files = { audit: ['a.json'], cloudtrail: ['t.json'] };
    expect(withPlaces('To see it, run eks-whois related AUDIT-ID.', files)).toBe(
      'To see it, run eks-whois related AUDIT-ID --audit a.json --cloudtrail t.json.',
    );
    expect(withPlaces("eks-whois related 'a b'", files)).toBe(
      "eks-whois related 'a b' --audit a.json --cloudtrail t.json",
    );
    expect(withPlaces("eks-whois related 'it'\\''s'.", files)).toBe(
      "eks-whois related 'it'\\''s' --audit a.json --cloudtrail t.json.",
    );
    expect(withPlaces("eks-whois related -- '-x'", files)).toBe(
      "eks-whois related --audit a.json --cloudtrail t.json -- '-x'",
    );
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
