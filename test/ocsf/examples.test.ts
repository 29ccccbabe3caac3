import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { STATUSES } from '../../lib/attribution/reasons.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { ApiActivity } from '../../lib/ocsf/event.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';
import { schemaFlaws } from './schema-flaws.ts';

const [AUDIT, CLOUDTRAIL] = ['audit', 'cloudtrail'].map((folder) => join(REPOSITORY, 'examples', folder));

async function lines<T>(format: string): Promise<T[]> {
  const args = ['attribute', '--audit', String(AUDIT), '--cloudtrail', String(CLOUDTRAIL), '--format', format];
  const { status, output, errors } = await runCommand(args);
  expect(status, errors).toBe(0);
  return output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}

interface Pair {
  readonly record: AuditRecord;
  readonly event: ApiActivity;
}

describe("the example's day as OCSF events", () => {
  let pairs: Pair[];
  beforeAll(async () => {
    const [records, events] = await Promise.all([lines<AuditRecord>('jsonl'), lines<ApiActivity>('ocsf')]);
    expect(events).toHaveLength(records.length);
    pairs = records.flatMap((record, at) => {
      const event = events[at];
      return event === undefined ? [] : [{ record, event }];
    });
  });
  const of = (status: string) => pairs.filter(({ record }) => record.attribution.status === status);
  const sole = (name: string, method?: string) =>
    pairs.find(
      ({ record: { attribution } }) =>
        attribution.actor?.name === name && (method === undefined || attribution.method === method),
    );

  it('has one event for each record, in its order, each with its own ID', () => {
    expect(pairs.map(({ event }) => event.metadata.correlation_uid)).toEqual(pairs.map(({ record }) => record.auditId));
    expect(new Set(pairs.map(({ event }) => event.metadata.uid)).size).toBe(pairs.length);
  });

  it("fits the schema's own definition of the class", () => {
    expect(pairs.flatMap(({ event }) => schemaFlaws(event))).toEqual([]);
  });

  it('has every status that files can have', () => {
    expect(STATUSES.filter((status) => of(status).length > 0)).toEqual(STATUSES.filter((one) => one !== 'pending'));
  });

  it('names the actor if the attribution does, and otherwise nobody', () => {
    for (const { record, event } of pairs) {
      const { actor } = record.attribution;
      if (actor === undefined) expect(event.actor.user.name).toBe(record.caller.username);
      else expect(event.actor.user).toMatchObject(actor.name === undefined ? {} : { name: actor.name });
      if (actor?.name === undefined) expect(event.status_detail).toContain(record.attribution.status);
    }
  });

  it('keeps the whole caller in every event', () => {
    for (const { record, event } of pairs) {
      for (const [field, value] of Object.entries(record.caller)) {
        expect(event.unmapped[`caller.${field}`]).toBe(typeof value === 'string' ? value : JSON.stringify(value));
      }
    }
  });

  it('keeps the whole attribution, with the event IDs of its chain and of every candidate', () => {
    for (const { record, event } of pairs) {
      expect(JSON.parse(event.enrichments[0]?.data ?? '')).toEqual(record.attribution);
    }
  });

  it('an IAM user by role session: the user is the person, the session the role session', () => {
    expect(sole('ana.silva', 'access-key')?.event.actor).toMatchObject({
      user: {
        name: 'ana.silva',
        uid: 'iam-user/111122223333/AIDALAAIXAQ7ZNEXAMPLE',
        uid_alt: 'arn:aws:iam::111122223333:user/ana.silva',
        type: 'User',
        type_id: 1,
        account: { uid: '111122223333', type: 'AWS Account', type_id: 10 },
      },
      session: {
        uid: 'AROAL3H6OXYWHJEXAMPLE:EKSGetTokenAuth',
        uid_alt: 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth',
        issuer: 'arn:aws:iam::444455556666:role/projects/orders-developer',
        credential_uid: 'ASIATMFNRFYKCEXAMPLE',
        created_time: Date.parse('2026-03-10T08:01:10Z'),
        expiration_time: Date.parse('2026-03-10T09:01:10Z'),
      },
    });
  });

  it('a user of Identity Center: the provider that states the name is the idp', () => {
    expect(sole('emma.fischer@example.com')?.event.actor).toMatchObject({
      idp: { uid: 'arn:aws:iam::444455556666:saml-provider/AWSSSO_4d7c1f0a9be2_DO_NOT_DELETE' },
      user: { name: 'emma.fischer@example.com', type: 'User' },
    });
  });

  it('a session by session start: its times are known, but no grant lists its key', () => {
    const { event, record } = sole('grace.kim@example.com', 'session-start') ?? {};
    expect(event?.actor.session?.credential_uid).toBe(record?.caller.accessKeyId);
    expect(event?.actor.session?.created_time).toBe(Date.parse('2026-03-10T13:20:15Z'));
  });

  it('a session by its name only: its times are not stated', () => {
    const session = sole('ana.silva', 'session-name')?.event.actor.session;
    expect(session).toMatchObject({ uid: 'AROADMCQVBBMI6EXAMPLE:EKSGetTokenAuth' });
    expect(session).not.toHaveProperty('created_time');
    expect(session).not.toHaveProperty('credential_uid');
  });

  it('a pipeline by web identity: not marked as a person', () => {
    expect(sole('repo:example-corp/shop:ref:refs/heads/main')?.event.actor.user).toMatchObject({
      type: 'web-identity-user',
      type_id: 99,
    });
  });

  it('a service: it is the application, and its workload the application id', () => {
    expect(sole('lambda.amazonaws.com')?.event.actor).toMatchObject({
      app_name: 'lambda.amazonaws.com',
      app_uid: 'arn:aws:lambda:eu-west-1:777788889999:function:cluster-janitor-nightly',
      user: { name: 'lambda.amazonaws.com', type: 'System' },
    });
  });

  it('a federated user: the user is whoever called GetFederationToken, the session the federated one', () => {
    expect(sole('report-broker')?.event.actor).toMatchObject({
      user: { name: 'report-broker', uid: 'iam-user/777788889999/AIDAHQNKDAHGUFEXAMPLE' },
      session: { uid: '777788889999:quarterly-report' },
    });
  });

  it('a user of another authenticator is the user, with the groups and no session', () => {
    const actor = sole('oidc:lena.novak@example.com')?.event.actor;
    expect(actor?.user).toMatchObject({
      name: 'oidc:lena.novak@example.com',
      groups: [{ name: 'oidc:platform' }, { name: 'system:authenticated' }],
    });
    expect(actor).not.toHaveProperty('session');
  });

  it('an IAM user who calls directly: the key is the user’s own', () => {
    const direct = pairs.find(({ record }) => record.caller.kind === 'iam-user');
    expect(direct?.event.actor.user.credential_uid).toBe(direct?.record.caller.accessKeyId);
    expect(direct?.event.actor).not.toHaveProperty('session');
  });

  it('partial: the proven principal without a name, and the reason', () => {
    const partial = of('partial').find(({ record }) => record.attribution.reason === 'upstream-grant-not-found');
    expect(partial?.event.actor.user).toEqual({
      uid: 'role-session/AROAGRSRJQISRBEXAMPLE/tfc-workspace-eks',
      uid_alt: 'arn:aws:sts::777788889999:assumed-role/terraform-hub/tfc-workspace-eks',
      type: 'role-session',
      type_id: 99,
      account: { uid: '777788889999', type: 'AWS Account', type_id: 10 },
    });
    expect(partial?.event.status_detail).toBe('partial: upstream-grant-not-found');
  });

  it('ambiguous: the raw caller, no candidate in its place', () => {
    const [ambiguous] = of('ambiguous');
    expect(ambiguous?.event.status_detail).toBe('ambiguous: 2 candidates');
    expect(ambiguous?.event.severity).toBe('Low');
    const { actor, observables } = ambiguous?.event ?? {};
    for (const { actor: candidate } of ambiguous?.record.attribution.candidates ?? []) {
      expect(JSON.stringify([actor, observables])).not.toContain(candidate.name);
    }
  });

  it('unattributed: the raw caller and the reason', () => {
    for (const { record, event } of of('unattributed')) {
      expect(event.actor.user).toMatchObject({ uid: record.caller.uid, type: 'role-session' });
      expect(event.status_detail).toBe(`unattributed: ${record.attribution.reason}`);
    }
  });

  it('system: the service account, node or component itself', () => {
    const named = of('system').map(({ event }) => event.actor.user.type);
    expect(new Set(named)).toEqual(new Set(['System', 'anonymous']));
  });

  it('a person behind a node’s role: notable', () => {
    const flagged = pairs.find(({ record }) => record.attribution.flags.includes('node-role-used-by-person'));
    expect(flagged?.event).toMatchObject({ severity_id: 3, metadata: { labels: ['node-role-used-by-person'] } });
  });
});
