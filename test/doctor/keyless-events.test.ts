import { describe, expect, it } from 'vitest';
import { callerSeen } from '../../cli/doctor/audit.ts';
import { KeylessEvents } from '../../lib/doctor/keyless-events.ts';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent, bareRoleUser, eventBy, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';

function found(...events: readonly (readonly [JsonObject, string | undefined])[]) {
  const seen = new KeylessEvents();
  for (const [event, cluster] of events) seen.add(callerSeen(event, cluster));
  return seen.findings();
}

describe('events without an access key', () => {
  it('are reported for role sessions, by cluster, with the latest one', () => {
    const late = eventBy(bareRoleUser('ops:alice'), { requestReceivedTimestamp: utc('12:30:00') });
    const early = eventBy(bareRoleUser('ops:bob'), { requestReceivedTimestamp: utc('12:10:00') });
    const findings = found([late, 'old'], [early, 'old'], [eventBy(roleUser()), 'old'], [eventBy(roleUser()), 'new']);
    expect(findings).toMatchObject([{ id: 'events-without-access-key', subject: 'cluster old' }]);
    expect(findings[0]?.evidence).toBe(
      `2 of 3 events of AWS sessions have no user.extra.accessKeyId, the latest at ${utc('12:30:00')} by ops:alice.`,
    );
  });

  it('are not reported for IAM users, whose uid identifies them, nor for callers without an AWS session', () => {
    const { extra: _extra, ...bare } = iamUserOfCluster('AKIAALICE00000000001');
    const users = [bare, { username: 'system:serviceaccount:shop:web' }, { username: 'oidc:ana' }];
    expect(found(...users.map((user) => [auditEvent({ user }), 'prod'] as const))).toEqual([]);
  });

  it('are reported even if no event has a key, and no cluster is named', () => {
    expect(found([eventBy(bareRoleUser('alice'), { requestReceivedTimestamp: 'yesterday' }), undefined])).toMatchObject(
      [{ subject: 'the audit log', evidence: '1 of 1 events of AWS sessions have no user.extra.accessKeyId.' }],
    );
  });

  it('are reported by doctor for the files of --audit, without an account', async () => {
    using folder = new Folder();
    const audit = folder.file('audit.jsonl', `${JSON.stringify(eventBy(bareRoleUser('ops:alice')))}\n`);
    const { output, status } = await runCommand(['doctor', '--offline', '--audit', audit]);
    expect(status).toBe(3);
    expect(output).toContain('events-without-access-key');
  });
});
