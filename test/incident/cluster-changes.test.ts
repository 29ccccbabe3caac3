import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseTrailCaller } from '../../lib/cloudtrail/caller.ts';
import { type ClusterChange, clusterChangeOf } from '../../lib/cloudtrail/cluster-change.ts';
import { type JsonObject, objectAt, textAt } from '../../lib/json.ts';
import { parseInstant } from '../../lib/time.ts';
import { attributedChanges } from '../../lib/usecases/changes/changes.ts';
import { lookupIn } from '../../lib/usecases/changes/file-changes.ts';
import { changeSteps, reportedChanges } from '../../lib/usecases/incident/cluster-changes.ts';
import type { Section } from '../../lib/usecases/incident/report.ts';
import { knownFrom } from '../builders/answer.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { eksCall, grant } from '../builders/trail-records.ts';
import { reportIn } from './report.ts';

const EVE = 'arn:aws:iam::111122223333:role/eve';
const ADMIN = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy';
const ALICE: Section = {
  standing: 'actor',
  actor: identified({ kind: 'iam-user', name: 'alice', accountId: ACCOUNT, principalId: 'AIDAALICE000000000000' }),
  attribution: {
    status: 'attributed',
    method: 'direct',
    provisional: false,
    flags: [],
    actor: identified({ kind: 'iam-user' }),
  },
  chain: [],
  sessions: [],
  sessionsLeft: 0,
};

const SESSION = { roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session' };

let minute = 0;

function change(eventName: string, request: JsonObject, fields: JsonObject = {}): ClusterChange {
  minute += 1;
  const eventTime = utc(`12:${String(minute % 60).padStart(2, '0')}:00`);
  const record = eksCall(eventName, request, { eventTime, ...fields });
  const found = clusterChangeOf(
    record,
    parseTrailCaller(objectAt(record, 'userIdentity') ?? {}),
    parseInstant(textAt(record, 'eventTime') ?? ''),
  );
  if (found === undefined) throw new Error('no change');
  return found;
}

/** Returns the changes in a report with this section. Nothing but the calls is known. */
async function reported(changes: readonly ClusterChange[], section: Section) {
  const lookup = lookupIn({ known: new KnownGrants(), settings: DEFAULT_SETTINGS });
  return reportedChanges({ changes: await attributedChanges(changes, lookup) }, [section]);
}

/** Returns the commands that undo these changes by alice, one a minute. */
async function commandsFor(...changes: readonly ClusterChange[]): Promise<readonly string[]> {
  const { clusterChanges = [] } = await reported(changes, ALICE);
  return changeSteps(clusterChanges, 'alice', '').flatMap(({ command }) => command ?? []);
}

describe('changes through the EKS API', () => {
  it('are by the person whose key or IAM user made the call, never by a name', async () => {
    const by = async (section: Partial<Section>, userIdentity: JsonObject) =>
      (await reported([change('CreateAccessEntry', {}, { userIdentity })], { ...ALICE, ...section }))
        .clusterChanges?.[0]?.by;
    const session = { requests: 0, clusters: [], status: 'attributed' as const, eventIds: [], accessKeyId: KEY };
    expect(await by({ sessions: [session] }, roleSession({ ...SESSION, key: KEY }))).toBe('alice');
    expect(await by({ sessions: [session] }, roleSession({ ...SESSION, key: 'ASIASOMEBODYELSE0001' }))).toBeUndefined();
    const user = { type: 'IAMUser', accountId: ACCOUNT };
    expect(await by({}, { ...user, principalId: 'AIDAALICE000000000000' })).toBe('alice');
    expect(await by({}, { ...user, principalId: 'AIDABOB00000000000000', userName: 'alice' })).toBeUndefined();
  });

  it('are undone by their opposite', async () => {
    const entry = { principalArn: EVE };
    const oidc = { identityProviderConfigName: 'own', issuerUrl: 'https://idp.example.com' };
    const commands = await commandsFor(
      change('CreateAccessEntry', entry),
      change('AssociateAccessPolicy', { ...entry, policyArn: ADMIN, accessScope: { type: 'cluster' } }),
      change('AssociateIdentityProviderConfig', { oidc }),
      change(
        'CreatePodIdentityAssociation',
        { roleArn: EVE },
        { responseElements: { association: { associationId: 'a-1' } } },
      ),
      change('UpdateClusterConfig', { logging: { clusterLogging: [{ types: ['audit'], enabled: false }] } }),
    );
    expect(commands).toEqual([
      `aws eks delete-access-entry --cluster-name prod --region eu-west-1 --principal-arn ${EVE}`,
      `aws eks disassociate-access-policy --cluster-name prod --region eu-west-1 --principal-arn ${EVE} --policy-arn ${ADMIN}`,
      'aws eks disassociate-identity-provider-config --cluster-name prod --region eu-west-1 --identity-provider-config type=oidc,name=own',
      'aws eks delete-pod-identity-association --cluster-name prod --region eu-west-1 --association-id a-1',
      `aws eks update-cluster-config --name prod --region eu-west-1 --logging '{"clusterLogging":[{"types":["audit"],"enabled":true}]}'`,
    ]);
  });

  it('are to be looked at, if CloudTrail does not show what was there before', async () => {
    const entry = { principalArn: EVE };
    const commands = await commandsFor(
      change('UpdateAccessEntry', entry),
      change('DeleteAccessEntry', entry),
      change('UpdateClusterConfig', { resourcesVpcConfig: { endpointPublicAccess: true } }),
      change('UpdateClusterConfig', { accessConfig: { authenticationMode: 'API' } }),
    );
    expect(commands.map((command) => command.split(' ')[2])).toEqual([
      'describe-access-entry',
      'list-access-entries',
      'describe-cluster',
    ]);
  });

  it('have no step if they failed, or were undone by the same person', async () => {
    const entry = { principalArn: EVE };
    const off = change('UpdateClusterConfig', { logging: { clusterLogging: [{ types: ['audit'], enabled: false }] } });
    const on = change('UpdateClusterConfig', { logging: { clusterLogging: [{ types: ['audit'], enabled: true }] } });
    expect(await commandsFor(change('CreateAccessEntry', entry, { errorCode: 'AccessDenied' }), off, on)).toEqual([]);
    const created = change('CreateAccessEntry', entry);
    const policy = change('AssociateAccessPolicy', { ...entry, policyArn: ADMIN });
    const deleted = change('DeleteAccessEntry', entry);
    const commands = await commandsFor(created, policy, deleted);
    expect(commands.map((command) => command.split(' ')[2])).toEqual(['list-access-entries']);
    const elsewhere = change('DeleteAccessEntry', entry, { awsRegion: 'us-east-1' });
    expect((await commandsFor(created, elsewhere))[0]).toContain('delete-access-entry');
  });

  it('have no step if somebody else undid them, also after the time range of the report', async () => {
    const [off, on] = [false, true].map((enabled) => ({
      logging: { clusterLogging: [{ types: ['audit'], enabled }] },
    }));
    const byBob = { userIdentity: iamUser('bob') };
    const taken = change('UpdateClusterConfig', off ?? {});
    expect(
      await commandsFor(taken, change('UpdateClusterConfig', on ?? {}, { ...byBob, errorCode: 'AccessDenied' })),
    ).toHaveLength(1);
    expect(await commandsFor(taken, change('UpdateClusterConfig', on ?? {}, byBob))).toEqual([]);
    const { clusterChanges = [] } = await reported([taken], ALICE);
    const { clusterChanges: later = [] } = await reported([change('UpdateClusterConfig', on ?? {}, byBob)], ALICE);
    expect([changeSteps(clusterChanges, 'alice', ''), changeSteps(clusterChanges, 'alice', '', later)]).toEqual([
      [expect.anything()],
      [],
    ]);
  });

  it('stay in the list, however many calls failed before them', async () => {
    const failed = Array.from({ length: 100 }, () => change('CreateAccessEntry', {}, { errorCode: 'AccessDenied' }));
    const policy = change('AssociateAccessPolicy', { principalArn: EVE }, { eventTime: utc('13:00:00') });
    const { clusterChanges, clusterChangesLeft } = await reported([...failed, policy], ALICE);
    expect(clusterChanges?.at(-1)).toMatchObject({ eventName: 'AssociateAccessPolicy' });
    expect(clusterChanges).toHaveLength(100);
    expect(clusterChangesLeft).toBe(1);
  });

  it('stay in the list, and keep their step, however many another account made before them', async () => {
    const others = Array.from({ length: 1_000 }, (_, at) =>
      change(
        'CreateAccessEntry',
        { principalArn: `${EVE}-${at}` },
        { eventTime: utc('11:00:00'), recipientAccountId: '999900001111' },
      ),
    );
    const policy = change('AssociateAccessPolicy', { principalArn: EVE, policyArn: ADMIN });
    const { clusterChanges = [], clusterChangesLeft } = await reported([...others, policy], ALICE);
    expect(clusterChanges.at(-1)).toMatchObject({ eventName: 'AssociateAccessPolicy', by: 'alice' });
    expect([clusterChanges.length, clusterChangesLeft]).toEqual([100, 901]);
    const titles = changeSteps(clusterChanges, 'alice', '').map(({ title }) => title);
    expect(titles).toHaveLength(10);
    expect(titles.at(-1)).toContain(`Remove the access policy ${ADMIN}`);
  });

  it('are not replaced by a forged record with the same ID', () => {
    const by = (userIdentity: JsonObject) => eksCall('CreateAccessEntry', {}, { userIdentity, eventID: 'e1' });
    const records = [by(iamUser('mallory')), by(iamUser('alice'))];
    for (const order of [records, records.toReversed(), [...records, ...records]]) {
      const callers = knownFrom(order)
        .clusterChanges()
        .map(({ caller }) => caller.arn ?? '');
      expect(callers.sort()).toEqual([iamUser('alice').arn, iamUser('mallory').arn]);
    }
  });

  it('are in the report over files, by the session that made them, without a step if they were undone after its time range', async () => {
    using folder = new Folder();
    const key = 'ASIAALICESESSION0001';
    const trail = [
      grant({ key, at: utc('12:00:00') }),
      eksCall(
        'CreateAccessEntry',
        { principalArn: EVE },
        { userIdentity: roleSession({ ...SESSION, key }), eventTime: utc('12:05:00') },
      ),
      eksCall('DeleteAccessEntry', { principalArn: EVE }, { eventID: 'e2', eventTime: utc('20:05:00') }),
      eksCall(
        'UpdateAccessEntry',
        { principalArn: EVE },
        { eventID: 'e3', userIdentity: iamUser('bob'), eventTime: utc('12:20:00') },
      ),
    ];
    const event = eventBy(roleUser({ key }), { requestReceivedTimestamp: utc('12:10:00') });
    const words = [
      ...['incident', String(event.auditID), '--audit', folder.file('audit.jsonl', JSON.stringify(event))],
      ...['--cloudtrail', folder.file('trail.jsonl', trail.map((each) => JSON.stringify(each)).join('\n'))],
    ];
    const { clusterChanges, next } = reportIn((await runCommand([...words, '-o', 'json'])).output);
    expect(clusterChanges?.map(({ eventName, by }) => [eventName, by])).toEqual([
      ['CreateAccessEntry', 'alice'],
      ['UpdateAccessEntry', undefined],
    ]);
    expect(clusterChanges?.map(({ attribution }) => attribution?.actor?.name)).toEqual(['alice', 'bob']);
    expect(next.filter(({ title }) => title.startsWith('Delete the access entry'))).toEqual([]);
    const { output } = await runCommand(words);
    expect(output).toContain('Changes of clusters through the EKS API');
    expect(output).toContain('CreateAccessEntry');
  });
});
