import { describe, expect, it } from 'vitest';
import type { SessionPart } from '../../lib/attribution/grant-index.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { Moment } from '../../lib/attribution/moment.ts';
import { namesAt } from '../../lib/attribution/names-at.ts';
import type { Question, SessionQuestion } from '../../lib/attribution/questions.ts';
import type { CreatedObject } from '../../lib/audit/created-object.ts';
import type { IssuedToken } from '../../lib/audit/issued-token.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { roleSessionKey } from '../../lib/identity/session-key.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { SessionStore } from '../../lib/ports/sessions.ts';
import { epochMillis } from '../../lib/time.ts';
import { ACCOUNT, KEY, ROLE_ID, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import {
  accountOnly,
  awsService,
  iamUser,
  roleSession,
  rootUser,
  samlUser,
  userId,
} from '../builders/trail-callers.ts';
import { callBy, eksCall, type GrantOptions, grant, webIdentityToken } from '../builders/trail-records.ts';
import { instant } from '../usecases/service.ts';
import { later } from './now.ts';
import { LongClock } from './over.ts';
import { factsOf } from './stored-record.ts';

const MOMENT = instant(utc('12:30:00'));
const CENTER: GrantOptions = {
  eventName: 'AssumeRoleWithSAML',
  by: samlUser('alice', 'AWSSSO_0a1b2c3d_DO_NOT_DELETE'),
  path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
  request: { principalArn: 'arn:aws:iam::111122223333:saml-provider/AWSSSO_0a1b2c3d_DO_NOT_DELETE' },
};
/** Four such items do not fit into one answer of DynamoDB, which has at most 1 MB. */
const LARGE: GrantOptions = { fields: { awsRegion: 'r'.repeat(300_000) } };
const BY_KEY: Question = { kind: 'grants-of-key', accessKeyId: KEY };
const BY_SESSION: SessionQuestion = {
  kind: 'grants-of-session',
  key: roleSessionKey(ROLE_ID, 'alice-session'),
  name: 'alice-session',
  guess: false,
};

async function known(store: SessionStore, questions: readonly Question[]): Promise<KnownGrants> {
  const index = new KnownGrants();
  for (const facts of await store.answer(questions, MOMENT)) index.add(facts);
  return index;
}

/** Defines the tests that every session store must pass. */
export function sessionStoreContract(open: (clock?: Clock) => Promise<SessionStore>): void {
  describe('a session store', () => {
    it('finds a grant by its key and by its session, unchanged', async () => {
      const store = await open();
      const facts = factsOf([grant({ id: 'one' })]);
      await store.add(facts);
      expect((await known(store, [BY_KEY])).grantsOfKey(KEY)).toEqual([facts[0]?.grant]);
      expect((await known(store, [BY_SESSION])).size).toBe(1);
      expect((await known(store, [{ kind: 'grants-of-key', accessKeyId: keyId('ASIAUNKNOWN000000001') }])).size).toBe(
        0,
      );
    });

    it("finds the grant of a web identity token by the token's ID, unchanged", async () => {
      const store = await open();
      const facts = factsOf([webIdentityToken('token-1'), webIdentityToken('token-2')]);
      await store.add(facts);
      const index = await known(store, [{ kind: 'grants-of-token', tokenId: 'token-1' }]);
      expect(index.grantsOfToken('token-1')).toEqual([facts[0]?.grant]);
      expect(index.grantsOfToken('token-2')).toEqual([]);
    });

    it('finds all grants of a session, even if DynamoDB returns them in several pages', async () => {
      const store = await open();
      const ids = ['one', 'two', 'three', 'four', 'five', 'six'];
      const facts = factsOf(ids.map((id) => grant({ id, key: `ASIA${id.toUpperCase()}`.padEnd(20, '0'), ...LARGE })));
      await store.add(facts);
      const found = await known(store, [BY_SESSION]);
      expect(
        found
          .grantsOfSession(BY_SESSION.key)
          .flatMap(({ eventIds }) => eventIds)
          .sort(),
      ).toEqual(ids.sort());
    });

    describe('of the names of users', () => {
      const ALICE = userId('alice');
      const BY_NAME: Question = { kind: 'user-of-name', name: 'alice' };
      const BY_ID: Question = { kind: 'user-of-id', userId: ALICE };
      const seen = (name: string, at: string, id = `${name} ${at}`) =>
        factsOf([callBy(iamUser('alice', { userName: name }), { eventID: id, eventTime: at })]);
      const namesIn = async (store: SessionStore, question = BY_ID, moment: Moment = MOMENT) => {
        const index = new KnownGrants();
        for (const facts of await store.answer([question], moment)) index.add(facts);
        return index.sightingsOf(ALICE).map(({ name, eventId }) => (eventId === undefined ? name : eventId));
      };

      it('knows a user by name and by id', async () => {
        const store = await open();
        await store.add(factsOf([grant({ by: iamUser('alice') })]));
        const index = await known(store, [BY_ID, BY_NAME]);
        expect(index.sightingsOf(ALICE)).toMatchObject([{ name: 'alice' }]);
        expect(index.holdersOf('alice').holders).toMatchObject([{ userId: ALICE }]);
        const others = await known(store, [{ kind: 'user-of-name', name: 'bob' }]);
        expect(others.holdersOf('bob').holders).toEqual([]);
      });

      it('keeps the first sighting of each name in each hour, in whatever order they come', async () => {
        const sightings = [
          seen('alice', utc('12:40:00')),
          seen('alice', utc('12:05:00')),
          seen('alicia', utc('12:20:00')),
          seen('alice', utc('13:10:00')),
          seen('alice', utc('12:05:00'), 'another record of that second'),
        ];
        for (const order of [sightings, sightings.toReversed()]) {
          const store = await open();
          for (const facts of order) await store.add(facts);
          const firsts = [`alice ${utc('12:05:00')}`, `alicia ${utc('12:20:00')}`, `alice ${utc('13:10:00')}`];
          expect(await namesIn(store)).toEqual(firsts);
          expect(await store.missing(seen('alice', utc('12:59:00')).map(({ sightings }) => ({ sightings })))).toEqual(
            [],
          );
        }
      });

      it('returns the names around the moment, the last one before it or else the first one after it, and the latest', async () => {
        const store = await open();
        const years = ['2023', '2024', '2026', '2027', '2028'];
        for (const year of years) await store.add(seen('alice', `${year}-03-10T12:00:00Z`, year));
        expect(await namesIn(store)).toEqual(expect.arrayContaining(['2024', '2026', '2028']));
        const early = instant('2022-03-10T12:00:00Z');
        expect(await namesIn(store, BY_ID, early)).toEqual(expect.arrayContaining(['2023', '2028']));
        expect(await namesIn(store, { ...BY_ID, only: 'latest' }, early)).toContain('2028');
        expect(await namesIn(store, BY_ID, 'any')).toContain('2028');
        const both = await store.answer([{ ...BY_ID, only: 'latest' }, BY_ID], MOMENT);
        expect(both.flatMap(({ sightings = [] }) => sightings.map(({ eventId }) => eventId))).toContain('2024');
      });

      it('keeps the first time that each user had a name, and each end of it', async () => {
        const requestParameters = { userName: 'Alice' };
        const deleted = { eventSource: 'iam.amazonaws.com', eventName: 'DeleteUser', requestParameters };
        const ends = ['12:10:00', '12:20:00'].map((at) =>
          factsOf([callBy(rootUser(), { ...deleted, eventTime: utc(at) })]),
        );
        const all = [seen('alice', utc('12:40:00')), seen('Alice', utc('12:05:00')), ...ends];
        for (const order of [all, all.toReversed()]) {
          const store = await open();
          for (const facts of [...order, ...order]) await store.add(facts);
          const found = (await known(store, [BY_NAME])).holdersOf('alice');
          expect(found.holders).toEqual([
            { name: 'alice', userId: ALICE, accountId: ACCOUNT, from: instant(utc('12:05:00')) },
          ]);
          expect(found.ends.map(({ at }) => at).sort()).toEqual([instant(utc('12:10:00')), instant(utc('12:20:00'))]);
        }
      });
    });

    it('keeps copies of one call, in either order, as one grant', async () => {
      const full = grant({ id: 'caller-copy', fields: { sharedEventID: 'shared' } });
      const poor = grant({
        id: 'owner-copy',
        by: accountOnly(ACCOUNT, userId('alice')),
        fields: { sharedEventID: 'shared' },
      });
      for (const order of [
        [full, poor],
        [poor, full],
      ]) {
        const store = await open();
        for (const copy of order) await store.add(factsOf([copy]));
        expect((await known(store, [BY_KEY])).grantsOfKey(KEY)).toMatchObject([
          { copyId: 'caller-copy', eventIds: ['caller-copy', 'owner-copy'] },
        ]);
      }
    });

    it('says which facts it does not have yet', async () => {
      const store = await open();
      const [one, two] = factsOf([grant({ id: 'one' }), grant({ id: 'two', by: iamUser('bob'), session: 'bob' })]);
      if (one === undefined || two === undefined) throw new Error('no facts');
      expect(await store.missing([one, two])).toEqual([one, two]);
      await store.add([one]);
      await store.add([one]);
      expect(await store.missing([one, two])).toEqual([two]);
    });

    it('says that a session has a grant, however old', async () => {
      const store = await open();
      await store.add(factsOf([grant({ at: '2026-01-01T00:00:00Z', until: '2026-01-01T01:00:00Z' })]));
      expect((await known(store, [BY_SESSION])).size).toBe(1);
    });

    describe('of uses that say the same', () => {
      const ofFunction = { inScopeOf: { credentialsIssuedTo: 'arn:aws:lambda:eu-west-1:111122223333:function:f' } };
      const use = (id: string, minute: number, fields: JsonObject = ofFunction) => {
        const by = { ...roleSession({ roleId: ROLE_ID, roleName: 'r', session: 's', key: KEY }), ...fields };
        return factsOf([callBy(by, { eventID: id, eventTime: utc(`12:${minute}:00`) })]).map((facts) => ({
          use: facts.use,
        }));
      };
      const USES: Question = { kind: 'uses-of-key', accessKeyId: KEY };
      const idsIn = async (store: SessionStore) =>
        (await store.answer([USES], MOMENT)).map(({ use: kept }) => kept?.record.eventId);

      it('keeps the earliest as evidence, and of equally early ones that with the smallest ID, in whatever order they come', async () => {
        const store = await open();
        for (const uses of [use('c', 40), use('b', 30), use('a', 30), use('d', 50)]) await store.add(uses);
        expect(await idsIn(store)).toEqual(['a']);
        await store.add([...use('f', 25), ...use('e', 20), ...use('g', 29)]);
        expect(await idsIn(store)).toEqual(['e']);
        await Promise.all([use('z', 15), use('x', 13), use('y', 14)].map((uses) => store.add(uses)));
        expect(await idsIn(store)).toEqual(['x']);
      });

      it('reports that an earlier one is missing, but not a later one', async () => {
        const store = await open();
        const plain = { inScopeOf: {} };
        await store.add([...use('b', 20), ...use('b', 20, plain)]);
        const query = [use('c', 30), use('b', 20), use('a', 10), use('c', 30, plain), use('a', 10, plain)].flat();
        expect(await store.missing(query)).toEqual([...use('a', 10), ...use('a', 10, plain)]);
      });

      it('keeps the earliest record of an agent in a sign-in session, in whatever order they come', async () => {
        const store = await open();
        const signInSession = 'arn:aws:signin:eu-west-1:111122223333:session/one';
        const agent = (eventId: string, at: number) => ({
          agent: { signInSession, record: { eventName: 'CallReadWriteTool', eventId, at: later(at) } },
        });
        const ids = async () => {
          const found = await store.answer([{ kind: 'agent-of-sign-in', signInSession }], MOMENT);
          return found.map((facts) => facts.agent?.record.eventId);
        };
        for (const each of [agent('b', 2_000), agent('a', 1_000), agent('c', 3_000)]) await store.add([each]);
        expect(await ids()).toEqual(['a']);
        expect(await store.missing([agent('c', 3_000)])).toEqual([]);
      });
    });

    it('returns only the requested part of a session', async () => {
      const store = await open();
      const at = (minute: number) => utc(`12:${String(minute).padStart(2, '0')}:00`);
      const grants = Array.from({ length: 20 }, (_, minute) =>
        grant({ id: `grant ${minute}`, at: at(minute), key: `ASIATOKEN${String(minute).padStart(11, '0')}` }),
      );
      await store.add(factsOf(grants));
      const part = async (only: SessionPart) => (await known(store, [{ ...BY_SESSION, only }])).size;
      expect(await part('whether-any')).toBe(1);
      expect(await part('identity-center')).toBe(0);
      expect(await part(instant(at(7)))).toBe(1);
      expect((await known(store, [{ ...BY_SESSION, only: 'whether-any' }, BY_SESSION])).size).toBe(20);
    });

    it('finds the exact name among those that differ only in @ and -', async () => {
      const store = await open();
      const name = 'alice@session';
      await store.add(factsOf([grant({ id: 'the one', session: name, at: utc('11:00:00') })]));
      await store.add(factsOf(Array.from({ length: 30 }, (_, at) => grant({ id: `other ${at}` }))));
      const given = { ...BY_SESSION, name, only: 'whether-any' } as const;
      const facts = await store.answer([given], MOMENT);
      expect(facts.map(({ grant: found }) => found?.sessionName)).toEqual([name]);
    });

    it("answers with Identity Center's grants of a session, all of them", async () => {
      const store = await open();
      const ids = ['one', 'two', 'three'];
      await store.add(factsOf(ids.map((id, minute) => grant({ ...CENTER, id, at: utc(`12:0${minute}:00`) }))));
      expect((await known(store, [{ ...BY_SESSION, only: 'identity-center' }])).size).toBe(3);
    });

    it('stores an expired fact again, and returns no expired fact', async () => {
      const clock = new LongClock();
      const store = await open(clock.now);
      const facts = factsOf([grant()]);
      await store.add(facts);
      clock.passAll();
      expect(await store.answer([BY_KEY, BY_SESSION], MOMENT)).toEqual([]);
      expect(await store.missing(facts)).toEqual(facts);
      await store.add(facts);
      expect(await store.missing(facts)).toEqual([]);
      expect((await known(store, [BY_SESSION])).size).toBe(1);
    });

    it('says that a session has a grant, even if later ones have expired', async () => {
      const clock = new LongClock();
      const store = await open(clock.now);
      await store.add(factsOf([grant({ id: 'later' })]));
      clock.passAll();
      await store.add(factsOf([grant({ id: 'earlier', at: '2026-01-01T00:00:00Z', until: '2026-01-01T01:00:00Z' })]));
      expect((await known(store, [BY_SESSION])).size).toBe(1);
      expect((await known(store, [{ ...BY_SESSION, only: 'whether-any' }])).size).toBe(1);
    });

    it('finds the grants to services under a session name of one account only, or of all if none is asked for', async () => {
      const store = await open();
      const [own, other] = ['444455556666', '777788889999'];
      const service = awsService('lambda.amazonaws.com');
      const of = (accountId: string, at: string, session = 'deploy') =>
        grant({
          ...{ id: `${accountId} ${at}`, by: service, accountId, session, key: null, namesRoleUser: false },
          at,
        });
      const long = { fields: { awsRegion: 'r'.repeat(300_000) } };
      await store.add(
        factsOf([
          ...[of(own, utc('12:00:00')), of(own, '2026-03-01T12:00:00Z'), of(own, utc('12:00:00'), 'deplox')],
          ...[of(other, utc('12:10:00')), of(other, utc('12:20:00'))],
          ...[1, 2, 3, 4].map((at) => grant({ ...long, id: `${at}`, by: service, key: null, namesRoleUser: false })),
        ]),
      );
      const found = async (accountId?: string, name = 'deploy') => {
        const question = { kind: 'unnamed-service-grants', name, ...(accountId && { accountId }) } as const;
        const facts = await store.answer([question], MOMENT);
        return [...new Set(facts.flatMap(({ grant: each }) => each?.eventIds ?? []))].toSorted();
      };
      expect(await found(other)).toEqual([`${other} ${utc('12:10:00')}`, `${other} ${utc('12:20:00')}`]);
      expect(await found(own)).toContain(`${own} ${utc('12:00:00')}`);
      expect((await found(own)).filter((id) => !id.startsWith(own))).toEqual([]);
      expect(await found('111100001111')).toEqual([]);
      expect(await found()).toHaveLength(4);
      expect(await found(ACCOUNT, 'alice-session')).toHaveLength(4);
    });

    it('reads a part of what is known of a name that one account gave thousands of users: somebody then counts as having it', async () => {
      const store = await open();
      const name = 'alice';
      const many = Array.from({ length: 5_100 }, (_, at) => ({
        nameEnds: [{ name, accountId: '444455556666', at: epochMillis(MOMENT - (at + 1) * 1_000) }],
      }));
      await store.add(many);
      await store.add([{ nameEnds: [{ name: 'bob', accountId: '444455556666', at: MOMENT }] }]);
      const holdersOf = async (of: string) => (await known(store, [{ kind: 'user-of-name', name: of }])).holdersOf(of);
      const { ends, isCut } = await holdersOf(name);
      expect([ends.length, isCut]).toEqual([5_000, true]);
      expect((await holdersOf('bob')).isCut).toBeUndefined();
      const index = await known(
        store,
        ['alice', 'bob'].map((each) => ({ kind: 'user-of-name', name: each })),
      );
      const names = namesAt({ moment: MOMENT }, { index });
      expect([names.isNameOfUser('Alice'), names.isNameOfUser('bob')]).toEqual([true, false]);
    });

    it('keeps which account reports a token, and answers for one cluster only: another account can state to have issued the token too', async () => {
      const store = await open();
      const token: IssuedToken = {
        credentialId: 'JTI=4c1f5b1e-0000-4000-8000-000000000001',
        serviceAccount: 'shop:web',
        clusterKey: clusterKeyOf({ cluster: 'prod-1' }),
        auditId: auditIdOf('issue'),
        issuedAt: MOMENT,
        caller: { kind: 'kubernetes-node' },
        handedOverBy: '444455556666',
      };
      await store.add([{ token }]);
      const other = { ...token, clusterKey: clusterKeyOf({ cluster: 'prod-2' }) };
      await store.add([{ token: other }]);
      const { credentialId } = token;
      for (const each of [token, other]) {
        const { clusterKey } = each;
        const answer = await store.answer([{ kind: 'tokens-issued', credentialId, clusterKey }], 'any');
        expect(answer).toEqual([{ token: each }]);
      }
    });

    it('keeps the end of a silence, whichever is added first, and the earlier of two ends', async () => {
      const store = await open();
      const question = { kind: 'silences-of-account', accountId: '111122223333' } as const;
      const lasting = { accountId: '111122223333', region: 'eu-west-1', from: MOMENT };
      const ended = { ...lasting, to: epochMillis(MOMENT + 2_000) };
      const shorter = { ...lasting, to: epochMillis(MOMENT + 1_000) };
      for (const silence of [lasting, ended, shorter, lasting]) await store.add([{ silence }]);
      expect(await store.answer([question], 'any')).toEqual([{ silence: shorter }]);
      expect(await store.missing([{ silence: ended }, { silence: { ...shorter, region: 'us-east-1' } }])).toEqual([
        { silence: { ...shorter, region: 'us-east-1' } },
      ]);
    });

    it("finds the request that created an object, by the object's uid", async () => {
      const store = await open();
      const created: CreatedObject = {
        kind: 'Pod',
        uid: '4c1f5b1e-0000-4000-8000-00000000000a',
        owners: [{ uid: 'owner', kind: 'ReplicaSet', name: 'web-7d4b9c6f5' }],
        clusterKey: clusterKeyOf({ cluster: 'prod-1' }),
        namespace: 'shop',
        auditId: auditIdOf('create'),
        createdAt: MOMENT,
        handedOverBy: '444455556666',
      };
      await store.add([{ created }, { created: { ...created, uid: 'another' } }]);
      await store.add([{ created }]);
      const { uid, clusterKey } = created;
      const another = clusterKeyOf({ cluster: 'prod-2' });
      expect(await store.answer([{ kind: 'object-created', uid, clusterKey }], 'any')).toEqual([{ created }]);
      expect(await store.answer([{ kind: 'object-created', uid, clusterKey: another }], 'any')).toEqual([]);
      expect(await store.answer([{ kind: 'object-created', uid: 'owner', clusterKey }], 'any')).toEqual([]);
    });

    it('finds the IDs that a role has had, by its account and name', async () => {
      const store = await open();
      const role = { partition: 'aws', accountId: ACCOUNT, roleName: 'deployer' };
      const [first, second] = ['AROAFIRST000000000001', 'AROASECOND00000000001'].map((id) => ({
        roleId: roleIdOf(id),
        role,
      }));
      if (first === undefined || second === undefined) throw new Error('There are two.');
      await store.add([{ roles: [first] }, { roles: [second] }]);
      await store.add([{ roles: [first] }]);
      expect(await store.missing([{ roles: [first] }])).toEqual([]);
      const { accountId, roleName } = role;
      const found = await store.answer([{ kind: 'ids-of-role', accountId, roleName }], 'any');
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining([{ roles: [first] }, { roles: [second] }]));
      expect(await store.answer([{ kind: 'ids-of-role', accountId: '444455556666', roleName }], 'any')).toEqual([]);
    });

    it('has the changes of clusters by day, each once, and as they were', async () => {
      const store = await open();
      const eventTime = utc('23:59:59');
      const logging = { clusterLogging: [{ types: ['audit'], enabled: false }] };
      const oidc = { identityProviderConfigName: 'own', issuerUrl: 'https://idp.example.com' };
      const records = [
        eksCall(
          'AssociateAccessPolicy',
          { principalArn: 'p', policyArn: 'q', accessScope: { type: 'cluster' } },
          { eventTime, eventID: '1' },
        ),
        eksCall(
          'UpdateClusterConfig',
          { logging, resourcesVpcConfig: { endpointPublicAccess: false } },
          { eventTime, eventID: '2' },
        ),
        eksCall('AssociateIdentityProviderConfig', { oidc }, { eventTime: '2026-03-11T00:00:00Z', eventID: '3' }),
      ];
      const facts = factsOf(records).flatMap(({ clusterChange }) => (clusterChange ? [{ clusterChange }] : []));
      await store.add(facts);
      await store.add(facts.slice(0, 1));
      const stored = await store.answer([{ kind: 'cluster-changes', day: '2026-03-10', accountId: ACCOUNT }], 'any');
      const idOf = (each: (typeof stored)[number]) => each.clusterChange?.eventId;
      expect(stored.toSorted((a, b) => ((idOf(a) ?? '') < (idOf(b) ?? '') ? -1 : 1))).toEqual(facts.slice(0, 2));
      expect(await store.missing(facts)).toEqual([]);
    });

    it('keeps a change beside a forged record with the same ID', async () => {
      const store = await open();
      const by = (name: string) =>
        eksCall('CreateAccessEntry', {}, { userIdentity: iamUser(name), eventTime: utc('12:00:00'), eventID: '1' });
      for (const name of ['mallory', 'alice']) await store.add(factsOf([by(name)]));
      const stored = await store.answer([{ kind: 'cluster-changes', day: '2026-03-10', accountId: ACCOUNT }], 'any');
      const callers = stored.map(({ clusterChange }) => clusterChange?.caller.arn ?? '');
      expect(callers.sort()).toEqual([iamUser('alice').arn, iamUser('mallory').arn]);
    });

    it('says when a provider was first changed, however often it was changed since', async () => {
      const store = await open();
      const providerArn = 'arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE';
      const change = (minute: number) => ({
        eventSource: 'iam.amazonaws.com',
        eventName: 'UpdateSAMLProvider',
        eventTime: new Date(Date.parse(utc('10:00:00')) + minute * 60_000).toISOString(),
        userIdentity: iamUser('mallory'),
        requestParameters: { sAMLProviderArn: providerArn },
      });
      await store.add(factsOf(Array.from({ length: 150 }, (_, minute) => change(149 - minute))));
      const index = await known(store, [{ kind: 'changes-of-provider', providerArn }]);
      expect(index.firstProviderChange(providerArn)?.at).toBe(instant(utc('10:00:00')));
    });
  });
}
