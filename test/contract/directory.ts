import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { identified } from '../../lib/attribution/actor.ts';
import type { KnownEntry, KnownKind } from '../../lib/claims/known.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Directory } from '../../lib/ports/directory.ts';
import { PositionError } from '../../lib/ports/paging.ts';
import type { RecordStore, StoredRecord } from '../../lib/ports/records.ts';
import { DAY } from '../../lib/time.ts';
import { bareRoleUser, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ROLE_ARN, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { awsService } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { instant } from '../usecases/service.ts';
import { LongClock } from './over.ts';
import { storedRecord } from './stored-record.ts';

export interface DirectoryOfRecords {
  readonly records: RecordStore;
  readonly directory: Directory;
}

const aliceGrant = grant({ id: 'alice-grant', until: '2026-03-10T23:00:00Z' });

/** An event of its own in this namespace, at this time. */
function seen(namespace: string | undefined, time = utc('12:10:00'), cluster = 'prod-1'): StoredRecord {
  const objectRef = { resource: 'pods', namespace, name: 'web-0', apiVersion: 'v1' };
  return storedRecord(
    { auditID: `${cluster.length} ${cluster} ${namespace} ${time}`, objectRef, requestReceivedTimestamp: time },
    [],
    cluster,
  );
}

/** A record by the IAM user of this name in this account. All have one principal ID. */
function admin(accountId: string, name: string, day = '2026-03-10'): StoredRecord {
  const stored = storedRecord(
    { auditID: `${accountId} ${name} ${day}`, requestReceivedTimestamp: `${day}T12:10:00Z` },
    [grant({ id: `${accountId} ${name} ${day}`, at: `${day}T12:00:00Z`, until: `${day}T13:00:00Z` })],
  );
  const who = { name, accountId, principalId: 'AIDAADMIN', arn: `arn:aws:iam::${accountId}:user/${name}` };
  return withActor(stored, identified({ kind: 'iam-user', ...who }));
}

function withActor(stored: StoredRecord, actor: object | undefined): StoredRecord {
  const { record } = stored;
  const attribution = { ...record.attribution, actor } as typeof record.attribution;
  return { ...stored, record: { ...record, attribution } };
}

async function all(directory: Directory, kind: KnownKind, prefix = '', limit = 100): Promise<readonly KnownEntry[]> {
  const entries: KnownEntry[] = [];
  let position: string | undefined;
  do {
    const page = await directory.known(kind, prefix, { limit, position });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    position = page.position;
  } while (position !== undefined);
  return entries;
}

async function names(directory: Directory, kind: KnownKind, prefix = '', limit = 100): Promise<readonly string[]> {
  return (await all(directory, kind, prefix, limit)).map(({ name }) => name);
}

const dayOf = (at: number) => Math.floor(at / DAY);

/** Defines the tests that every directory must pass, about the records that were stored beside it. */
export function directoryContract(open: (clock?: Clock) => Promise<DirectoryOfRecords>): void {
  describe('a directory', () => {
    it('knows the cluster, the namespace, the role and the actor of a record', async () => {
      const { records, directory } = await open();
      await records.insert([storedRecord({}, [aliceGrant])]);
      expect(await all(directory, 'cluster')).toMatchObject([{ kind: 'cluster', name: 'prod-1' }]);
      expect(await all(directory, 'namespace')).toMatchObject([{ kind: 'namespace', name: 'shop', cluster: 'prod-1' }]);
      expect(await all(directory, 'role')).toMatchObject([
        { kind: 'role', name: ROLE_NAME, id: ROLE_ID, arn: ROLE_ARN },
      ]);
      expect(await all(directory, 'actor')).toMatchObject([
        { kind: 'actor', name: 'alice', arn: `arn:aws:iam::${ACCOUNT}:user/alice` },
      ]);
    });

    it('knows which namespaces are proven to exist, also if the proof comes later', async () => {
      const { records, directory } = await open();
      const code = (auditID: string, status: number, verb = 'get') =>
        storedRecord({
          auditID,
          verb,
          objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
          responseStatus: { code: status },
        });
      await records.insert([code('listed', 200, 'list'), code('refused', 403)]);
      const known = async () => (await all(directory, 'namespace')).map(({ name, proven }) => [name, proven]);
      expect(await known()).toEqual([['shop', undefined]]);
      await records.insert([code('done', 200)]);
      await records.insert([code('refused again', 403)]);
      expect(await known()).toEqual([['shop', true]]);
    });

    it('believes a grant about the role of an ID, whatever events stated before and state after', async () => {
      const { records, directory } = await open();
      const another = JSON.parse(
        JSON.stringify(roleUser({ session: 'alice-session' })).replaceAll(ACCOUNT, '444455556666'),
      );
      const of = (auditID: string, user: JsonObject, grants: readonly JsonObject[] = []) =>
        storedRecord({ auditID, user }, grants);
      const known = async () => (await all(directory, 'role')).map(({ arn, id, proven }) => [arn, id, proven]);
      await records.insert([of('forged', another)]);
      expect(await known()).toEqual([[ROLE_ARN.replace(ACCOUNT, '444455556666'), ROLE_ID, undefined]]);
      await records.insert([of('granted', roleUser({ session: 'alice-session' }), [aliceGrant])]);
      await records.insert([of('forged again', another)]);
      expect(await known()).toEqual([[ROLE_ARN, ROLE_ID, true]]);
    });

    it('lists users of clusters apart from all others, and all actors in one order', async () => {
      const { records, directory } = await open();
      const user = (username: string) => storedRecord({ auditID: username, user: { username } });
      await records.insert([user('zoe'), storedRecord({}, [aliceGrant]), user('aaron'), user('bob')]);
      const of = async (home: 'cluster' | 'elsewhere' | undefined) => {
        const found: string[] = [];
        let position: string | undefined;
        do {
          const page = await directory.known('actor', '', { limit: 1, position, home });
          found.push(...page.entries.map(({ name }) => name));
          position = page.position;
        } while (position !== undefined);
        return found;
      };
      expect(await of(undefined)).toEqual(['aaron', 'alice', 'bob', 'zoe']);
      expect(await of('cluster')).toEqual(['aaron', 'bob', 'zoe']);
      expect(await of('elsewhere')).toEqual(['alice']);
    });

    it('knows nothing if nothing is stored', async () => {
      const { directory } = await open();
      for (const kind of ['actor', 'role', 'cluster', 'namespace'] as const)
        expect(await directory.known(kind, '', { limit: 10 })).toEqual({ entries: [] });
      expect(await directory.sessionsOfRole(ROLE_ID, {}, 10)).toEqual([]);
    });

    it('knows the path of a role once a grant states it', async () => {
      const { records, directory } = await open();
      await records.insert([storedRecord()]);
      expect(await all(directory, 'role')).toMatchObject([{ name: ROLE_NAME, arn: ROLE_ARN }]);
      const full = ROLE_ARN.replace('role/', 'role/team/');
      const stated = { ...aliceGrant, requestParameters: { roleArn: full, roleSessionName: 'alice-session' } };
      await records.insert([storedRecord({ auditID: 'later' }, [stated])]);
      expect(await all(directory, 'role')).toMatchObject([{ name: ROLE_NAME, arn: full }]);
    });

    it('knows the actor of a corrected record', async () => {
      const { records, directory } = await open();
      const pending = storedRecord();
      await records.insert([pending]);
      expect(await names(directory, 'actor')).toEqual([]);
      await records.correct([{ ...storedRecord({}, [aliceGrant]), revision: 1, expires: 2_000_000_000 }]);
      expect(await names(directory, 'actor')).toEqual(['alice']);
    });

    it('has all workloads of a service as one actor, so that builds and instances do not hide who is new', async () => {
      const { records, directory } = await open();
      const day = (id: string, workload: string, date: string) =>
        storedRecord(
          { auditID: id, user: roleUser({ session: workload }), requestReceivedTimestamp: `${date}T12:10:00Z` },
          [grant({ id, session: workload, at: `${date}T12:00:00Z`, by: awsService('ec2.amazonaws.com') })],
        );
      await records.insert([day('1', 'i-0aaaaaaaaaaaaaaaa', '2026-03-01')]);
      await records.insert([day('3', 'i-0bbbbbbbbbbbbbbbb', '2026-03-10')]);
      const found = await all(directory, 'actor', 'ec2', 1);
      expect(found.map(({ name, first, last }) => [name, dayOf(last) - dayOf(first)])).toEqual([
        ['ec2.amazonaws.com', 9],
      ]);
    });

    it('has two people of one name as two entries, each with its ID and account', async () => {
      const { records, directory } = await open();
      await records.insert(['111122223333', '444455556666'].map((account) => admin(account, 'admin')));
      expect(
        (await all(directory, 'actor', '', 1)).map(({ name, id, accountId }) => [name, id, accountId]).toSorted(),
      ).toEqual([
        ['admin', 'iam-user/111122223333/AIDAADMIN', '111122223333'],
        ['admin', 'iam-user/444455556666/AIDAADMIN', '444455556666'],
      ]);
      expect(await directory.actorsNamed('admin')).toHaveLength(2);
      expect(await directory.actorsNamed('adm')).toEqual([]);
    });

    it('has a person with several names as one entry, with the latest name and the others, found by each', async () => {
      const { records, directory } = await open();
      const of = '111122223333';
      await records.insert([admin(of, 'ann', '2026-03-01'), admin(of, 'ann', '2026-03-02')]);
      await records.insert([admin(of, 'anna', '2026-03-05'), admin(of, 'bea', '2026-03-09')]);
      const entry = {
        name: 'bea',
        first: instant('2026-03-01T12:10:00Z'),
        names: [{ name: 'bea' }, { name: 'anna' }, { name: 'ann', first: instant('2026-03-01T12:10:00Z') }],
      };
      for (const prefix of ['', 'a', 'ann', 'anna', 'b']) {
        const found = await all(directory, 'actor', prefix, 1);
        expect(
          found.map(({ names: each, ...rest }) => ({ ...rest, names: each })),
          prefix,
        ).toMatchObject([entry]);
      }
      for (const name of ['ann', 'anna', 'bea']) expect(await directory.actorsNamed(name)).toMatchObject([entry]);
      expect(await directory.actorOf(`iam-user/${of}/AIDAADMIN`)).toMatchObject(entry);
      expect(await directory.actorOf(`iam-user/${of}/AIDANOBODY`)).toBeUndefined();
    });

    it("has both the name at a record's time and the current name that the record states", async () => {
      const { records, directory } = await open(() => instant('2026-03-20T00:00:00Z'));
      const stored = admin('111122223333', 'mallory', '2026-03-10');
      const { actor } = stored.record.attribution;
      await records.insert([withActor(stored, { ...actor, nameToday: 'alice' })]);
      expect(await directory.actorsNamed('alice')).toMatchObject([
        { name: 'alice', names: [{ name: 'alice', first: instant('2026-03-20T00:00:00Z') }, { name: 'mallory' }] },
      ]);
    });

    it('lists no session, because no person is known', async () => {
      const { records, directory } = await open();
      const stored = admin('111122223333', 'deploy');
      const { actor } = stored.record.attribution;
      await records.insert([withActor(stored, { ...actor, idBasis: 'session' })]);
      expect(await all(directory, 'actor')).toEqual([]);
    });

    it('does not confuse an actor with another whose name looks like a stored key', async () => {
      const { records, directory } = await open();
      const arn = `arn:aws:iam::${ACCOUNT}:user/alice`;
      const called = [`alice ${arn}`, `alice ${sha256(arn).slice(0, 12)}`];
      const byOidc = called.map((username, at) =>
        storedRecord({
          auditID: `oidc-${at}`,
          user: { username, groups: [] },
          requestReceivedTimestamp: '2026-03-01T12:10:00Z',
        }),
      );
      await records.insert(byOidc);
      await records.insert([storedRecord({}, [aliceGrant])]);
      const found = await all(directory, 'actor', 'alice', 1);
      const reported = found.map(({ name, arn: of, first }) => [
        name,
        of,
        dayOf(first) === dayOf(instant(utc('12:00:00'))),
      ]);
      expect(reported.toSorted()).toEqual(
        [['alice', arn, true], ...called.map((name) => [name, undefined, false])].toSorted(),
      );
    });

    it('returns a page again, even if names were added to it since', async () => {
      const { records, directory } = await open();
      await records.insert(['a', 'b', 'c', 'd', 'e'].map((name) => seen(name)));
      const [first, second] = [
        await directory.known('namespace', '', { limit: 1 }),
        await directory.known('namespace', '', { limit: 3 }),
      ];
      const part = { limit: 100, position: first.position, until: second.position };
      const read = async () => (await directory.known('namespace', '', part)).entries.map(({ name }) => name);
      expect(await read()).toEqual(['b', 'c']);
      await records.insert([seen('bb'), seen('cd'), seen('0')]);
      expect(await read()).toEqual(['b', 'bb', 'c']);
      const wrong = directory.known('namespace', 'x', { limit: 1, until: second.position });
      await expect(wrong).rejects.toThrow(PositionError);
    });

    it('has an entry for requests in no namespace, and of no cluster', async () => {
      const { records, directory } = await open();
      await records.insert([seen(undefined), seen('shop', utc('12:10:00'), '')]);
      const found = (await all(directory, 'namespace')).map(({ name, cluster }) => [name, cluster]);
      expect(found).toEqual([
        ['-', 'prod-1'],
        ['shop', ''],
      ]);
      expect((await names(directory, 'cluster')).toSorted()).toEqual(['', 'prod-1']);
    });

    it('separates namespaces that have one name in several clusters', async () => {
      const { records, directory } = await open();
      await records.insert([seen('shop'), seen('shop', utc('12:10:00'), 'prod-2'), seen('shop', utc('12:11:00'))]);
      const found = (await all(directory, 'namespace')).map(({ name, cluster }) => `${cluster}/${name}`);
      expect(found.toSorted()).toEqual(['prod-1/shop', 'prod-2/shop']);
    });

    it('says on which day a name was first and last seen, in whatever order records come', async () => {
      const days = ['2026-03-08', '2026-03-10', '2026-03-06', '2026-03-09'];
      for (const order of [days, days.toReversed()]) {
        const { records, directory } = await open();
        for (const day of order) await records.insert([seen('shop', `${day}T12:00:00Z`)]);
        const [entry] = await all(directory, 'namespace');
        expect(entry && [dayOf(entry.first), dayOf(entry.last)]).toEqual(
          ['2026-03-06', '2026-03-10'].map((day) => dayOf(instant(`${day}T00:00:00Z`))),
        );
      }
    });

    it('lists names in order, page by page, and only those with the wanted prefix', async () => {
      const { records, directory } = await open();
      const namespaces = ['pay', 'payments', 'payroll', 'shop', 'ops', 'pa'];
      await records.insert(namespaces.map((name) => seen(name)));
      for (const limit of [1, 2, 5, 100]) {
        expect(await names(directory, 'namespace', '', limit)).toEqual(namespaces.toSorted());
        expect(await names(directory, 'namespace', 'pay', limit)).toEqual(['pay', 'payments', 'payroll']);
      }
      expect(await names(directory, 'namespace', 'pay ')).toEqual([]);
      expect(await names(directory, 'namespace', 'x')).toEqual([]);
    });

    it('accepts names with all kinds of characters, and finds each one', async () => {
      const { records, directory } = await open();
      const odd = [
        '\u0001bell',
        ' blank',
        '-',
        'a#0',
        'a/b',
        'a b',
        'ü',
        '日本',
        '\u{1f600}',
        '\u{10ffff}',
        '~',
        'sha256:x',
      ];
      await records.insert(odd.map((name) => seen(name)));
      expect((await names(directory, 'namespace', '', 3)).toSorted()).toEqual(odd.toSorted());
      for (const name of odd) expect(await names(directory, 'namespace', name)).toContain(name);
    });

    it('accepts names of any length', async () => {
      const { records, directory } = await open();
      const [short, long, wide] = ['n'.repeat(200), 'n'.repeat(5_000), '日'.repeat(5_000)];
      await records.insert([short, long, wide].map((name) => seen(name)));
      const found = await names(directory, 'namespace', '', 1); // those that are longer than a record keeps are cut
      expect(found).toHaveLength(3);
      for (const name of found) expect(await names(directory, 'namespace', name)).toContain(name);
      expect(await names(directory, 'namespace', long)).toEqual([]);
    });

    it('refuses a position that is not from this answer', async () => {
      const { records, directory } = await open();
      await records.insert([seen('shop')]);
      for (const position of ['a', 'sho', 'x'.repeat(2_000)])
        await expect(directory.known('namespace', 'shop', { limit: 1, position })).rejects.toThrow(PositionError);
    });

    it('says which sessions of a role have records on the given days', async () => {
      const { records, directory } = await open();
      const by = (session: string, time: string) =>
        storedRecord({ auditID: `${session} ${time}`, user: roleUser({ session }), requestReceivedTimestamp: time });
      await records.insert([
        by('alice', '2026-03-08T23:59:59.999999Z'),
        by('alice', '2026-03-09T00:00:00Z'),
        by('bob', '2026-03-09T12:00:00Z'),
        by('carol', '2026-03-11T00:00:00Z'),
        storedRecord({ user: bareRoleUser('dave', { roleId: 'AROAANOTHERROLE00001' }) }),
      ]);
      const of = async (from?: string, to?: string) => {
        const range = {
          from: from === undefined ? undefined : instant(from),
          to: to === undefined ? undefined : instant(to),
        };
        return (await directory.sessionsOfRole(ROLE_ID, range, 10)).toSorted();
      };
      const session = (name: string) => `${ROLE_ID}:${name}`;
      expect(await of()).toEqual(['alice', 'bob', 'carol'].map(session));
      expect(await of('2026-03-09T00:00:00Z', '2026-03-09T23:59:59Z')).toEqual(['alice', 'bob'].map(session));
      expect(await of('2026-03-10T00:00:00Z')).toEqual([session('carol')]);
      expect(await of(undefined, '2026-03-08T23:59:59.999999Z')).toEqual([session('alice')]);
      expect((await directory.sessionsOfRole(ROLE_ID, {}, 1)).length).toBeGreaterThan(1);
      expect(await directory.sessionsOfRole('AROAANOTHERROLE00001', {}, 10)).toEqual(['AROAANOTHERROLE00001 dave']);
    });

    it('forgets entries that have expired, and knows them again once they are stored again', async () => {
      const clock = new LongClock();
      const { records, directory } = await open(clock.now);
      const stored = storedRecord({}, [aliceGrant]);
      await records.insert([stored]);
      clock.passAll();
      const known = async () => [
        ...(await names(directory, 'cluster')),
        ...(await names(directory, 'actor')),
        ...(await directory.sessionsOfRole(ROLE_ID, {}, 10)),
      ];
      expect(await known()).toEqual([]);
    });
  });
}
