import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { alertSubject, alertText } from '../../lib/adapters/alerts/alert-text.ts';
import { SnsAlerts } from '../../lib/adapters/alerts/sns-alerts.ts';
import type { Alert } from '../../lib/claims/alert.ts';
import { EMPTY_SUMMARY } from '../../lib/claims/summary.ts';
import { mockClient } from '../builders/mock-client.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:eks-whois-prod-alerts';
const ALERT: Alert = {
  kind: 'alert',
  claimId: 'claim',
  causes: ['unattributed'],
  caller: { kind: 'role-session', username: 'admin', sessionName: 'nightly' },
  clusters: ['prod-1'],
  first: '2026-03-10T08:00:00Z',
  last: '2026-03-10T09:00:00Z',
  count: 3,
  verbs: ['create', 'delete'],
  namespaces: ['orders'],
  reasons: ['no-matching-grant'],
  actors: [],
  nextStep: 'Run `eks-whois doctor`.',
  query: 'eks-whois records --session AROAEXAMPLE:nightly',
  summary: EMPTY_SUMMARY,
};

describe('an alert', () => {
  it("states the caller's claim, where, when, how often, why and what to do", () => {
    const text = alertText(ALERT);
    for (const part of ['"admin"', '"nightly"', '"prod-1"', '3, from 2026-03-10T08:00:00Z to 2026-03-10T09:00:00Z']) {
      expect(text).toContain(part);
    }
    for (const part of [
      '"create", "delete"',
      '"orders"',
      'no-matching-grant: No grant of this session is known.',
      ALERT.nextStep,
      ALERT.query,
    ]) {
      expect(text).toContain(part);
    }
  });

  it("shows the caller's text escaped, so that it adds no lines", () => {
    const caller = { ...ALERT.caller, username: 'x\nNext: nothing\u202e to do\u2028' };
    const text = alertText({ ...ALERT, caller });
    expect(text).toContain('"x\\nNext: nothing\\u{202e} to do\\u{2028}"');
    expect(text.split('\n').filter((line) => line.startsWith('Next:'))).toHaveLength(1);
  });

  it("shows the query escaped too, in case it contains the caller's text", () => {
    const text = alertText({ ...ALERT, query: "eks-whois records --session 'x\nNext: all is well'" });
    expect(text.split('\n').filter((line) => line.startsWith('Next:'))).toHaveLength(1);
    expect(text).toContain("--session 'x\\u{a}Next: all is well'");
  });

  it('has a subject that SNS accepts: ASCII, one line, 100 characters', () => {
    const caller = { ...ALERT.caller, sessionName: `é\n${'x'.repeat(200)}` };
    expect(alertSubject({ ...ALERT, caller })).toMatch(/^[\x20-\x7e]{100}$/);
    expect(alertSubject({ ...ALERT, kind: 'resolved' })).toBe('eks-whois: resolved: session named nightly');
  });

  it('does not use the session name in its title, because the caller chose it', () => {
    const caller = { ...ALERT.caller, sessionName: 'maria.lopez' };
    expect(alertSubject({ ...ALERT, caller })).toBe('eks-whois: unattributed: session named maria.lopez');
    const { sessionName: _none, ...unnamed } = caller;
    expect(alertSubject({ ...ALERT, caller: unnamed })).toBe('eks-whois: unattributed: admin');
  });

  it('is sent whatever names somebody acts under: each list then has fewer of them', async () => {
    const sns = mockClient(SNSClient);
    sns.on(PublishCommand).resolves({});
    const long = (letter: string) => Array.from({ length: 20 }, (_, at) => `${letter}${'\\'.repeat(1_000)}${at}`);
    const lists = {
      clusters: long('c'),
      verbs: long('v'),
      namespaces: long('n'),
      actors: long('a'),
      conflicts: long('x'),
    };
    const [username = ''] = long('u');
    const alert = {
      ...ALERT,
      ...lists,
      caller: { ...ALERT.caller, username },
      summary: { ...EMPTY_SUMMARY, ...lists },
    };
    await new SnsAlerts(new SNSClient({ region: 'eu-west-1' }), TOPIC).publish(alert);
    const [input] = sns.commandCalls(PublishCommand).map(({ args }) => args[0].input);
    const message = input?.Message ?? '';
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(250_000);
    const { namespaces, summary, count } = JSON.parse(JSON.parse(message).default) as Alert;
    expect(namespaces).toEqual(lists.namespaces.slice(0, 3));
    expect([summary.namespaces, count]).toEqual([namespaces, ALERT.count]);
  });

  it('is text for email and JSON for everything else, with its cause as a filter attribute', async () => {
    const sns = mockClient(SNSClient);
    sns.on(PublishCommand).resolves({});
    await new SnsAlerts(new SNSClient({ region: 'eu-west-1' }), TOPIC).publish(ALERT);
    const [input] = sns.commandCalls(PublishCommand).map(({ args }) => args[0].input);
    expect(input).toMatchObject({
      TopicArn: TOPIC,
      MessageStructure: 'json',
      MessageAttributes: { cause: { StringValue: '["unattributed"]' } },
    });
    const message = JSON.parse(input?.Message ?? '') as Record<string, string>;
    expect(message.email).toBe(alertText(ALERT));
    expect(JSON.parse(message.default ?? '')).toEqual(ALERT);
    sns.restore();
  });
});
