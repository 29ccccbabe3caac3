import { describe, expect, it } from 'vitest';
import { awsTokenOf } from '../../lib/audit/aws-token.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { isTokenOf } from '../../lib/audit/issued-token.ts';
import { isJsonObject, type JsonObject, textAt } from '../../lib/json.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { epochMillis } from '../../lib/time.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { anythingBody } from '../../lib/usecases/query/anything/outcomes.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { eventBy, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { worldNumbers } from '../builders/chance.ts';
import { ACCOUNT, KEY, ROLE_ARN, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant, sessionTokenGrant } from '../builders/trail-records.ts';
import { settingsOf } from '../evidence/settings.ts';
import { generateWorld } from '../oracle/world.ts';
import { ARN, BOBS, eventOf, SECRETS, STRANGERS, timeOf, world } from './pasted-texts.ts';
import { delivery, namedIn, overFiles, overService, reportOverFiles } from './pasted-world.ts';

/** An event that no log has, pasted. The service is asked about its caller, by the fields that a question has. */
const GRANTS = [grant({ session: 'deploy' })];
const DEPLOY = roleUser({ session: 'deploy' });

async function answersTo(event: JsonObject, grants: readonly JsonObject[] = GRANTS) {
  const text = JSON.stringify(event);
  const world = { grants, events: [] };
  return { files: await overFiles(world, text), service: await overService(world, text) };
}

/** Returns whether it is an audit event with a readable time, outside any envelope, whose whole caller a question can state. */
function isComplete(value: JsonObject): boolean {
  const event = parseAuditEvent(value);
  if (typeof event === 'string' || event.at === undefined) return false;
  return awsTokenOf(event.caller) === undefined && !isTokenOf(event.caller);
}

/** A service account that is configured as a trusted proxy elsewhere, with the ID of its credential. */
function serviceAccount(credential: string | undefined): JsonObject {
  const extra = credential === undefined ? {} : { 'authentication.kubernetes.io/credential-id': [credential] };
  return { username: PROXY, uid: 'uid-proxy', extra };
}

const PROXY = 'system:serviceaccount:teleport:proxy';

/** Asks a service that has nothing, and that may not be asked about callers. */
async function overTrusting(event: JsonObject) {
  const whois = async () => {
    throw new Error('The caller is not asked about.');
  };
  const clock = () => epochMillis(0);
  const nothing = { clock, records: async () => ({ records: [] }), known: async () => ({ known: [] }), whois };
  const found = recognize(JSON.stringify(event));
  if (found.outcome !== 'subjects') throw new Error('It is an audit event.');
  const settings = settingsOf({ proxies: [ROLE_ARN, PROXY] });
  return answerAnything(found, new Informant(serviceSources(nothing, {}, settings)));
}

describe('a pasted event that the service did not record', () => {
  it('names the person of the key, as over files', async () => {
    const { files, service } = await answersTo(eventBy(DEPLOY));
    expect([namedIn(files), namedIn(service)]).toEqual([['alice'], ['alice']]);
  });

  it.each([
    ['none', undefined],
    ['another text', 'yesterday'],
  ])('names nobody without a readable time: %s', async (_, requestReceivedTimestamp) => {
    const { files, service } = await answersTo(eventBy(DEPLOY, { requestReceivedTimestamp }));
    expect(service.found[0]?.outcome).toMatchObject({
      attribution: { status: 'unattributed', reason: 'no-event-time' },
    });
    expect(files.found[0]?.outcome).toEqual({ ...service.found[0]?.outcome });
  });

  it.each<[string, JsonObject]>([
    ['a session name', { sessionName: ['night ly'] }],
    ['an ARN', { sessionName: [], arn: [`arn:aws:sts::${ACCOUNT}:assumed-role/project-admin/night ly`] }],
  ])('names nobody by the rest if it states %s that no question can have', async (_, extra) => {
    const { files, service } = await answersTo(eventBy(roleUser({ session: 'deploy', extra })));
    expect([namedIn(files), namedIn(service)]).toEqual([[], []]);
    expect(anythingBody(service)).toMatchObject({ complete: false, note: expect.stringContaining('not checked') });
  });

  it.each([
    ['no username', undefined],
    ['an empty username', ''],
  ])('gives a user with %s as a candidate only, because the key may be somebody else’s', async (_, username) => {
    const event = eventBy({ ...iamUserOfCluster(KEY), username });
    const { files, service } = await answersTo(event, [sessionTokenGrant({ by: iamUser('bob') })]);
    expect([namedIn(files), namedIn(service)]).toEqual([[], []]);
    expect(anythingBody(service)).toMatchObject({
      attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'alice' } }] },
      complete: false,
      note: expect.stringContaining('not checked'),
    });
  });

  it.each([
    ['in time', {}],
    ['without a readable time', { requestReceivedTimestamp: undefined }],
  ])('has the cluster’s own caller act for the user whom it impersonates, %s', async (_, fields) => {
    const node = { ...DEPLOY, username: 'system:node:ip-192-0-2-1.ec2.internal' };
    const { files, service } = await answersTo(
      eventBy(node, { impersonatedUser: { username: 'carol' }, ...fields }),
      [],
    );
    expect(service.found[0]?.outcome).toMatchObject({ attribution: { reason: 'acts-for-impersonated-user' } });
    expect(files.found[0]?.outcome).toEqual(service.found[0]?.outcome);
  });

  it('is answered over files and the service alike, in every world', async () => {
    for (const number of worldNumbers(15, 400)) {
      const { audit, cloudtrail } = generateWorld(number);
      const grants = cloudtrail.filter(isJsonObject).filter((record) => textAt(record, 'eventSource') !== undefined);
      for (const event of audit.filter(isJsonObject).filter(isComplete)) {
        const { files, service } = await answersTo(event, grants);
        const [{ outcome } = {}] = service.found;
        expect(outcome, `world ${number}`).toEqual(files.found[0]?.outcome);
      }
    }
  });

  it('says so if it is later than the service’s clock', async () => {
    const { service } = await answersTo(eventBy(DEPLOY, { requestReceivedTimestamp: '2027-01-01T00:00:00Z' }));
    expect(anythingBody(service)).toMatchObject({
      complete: false,
      note: expect.stringContaining('later than the service’s clock'),
    });
  });

  it('says that the token of a service account was not looked up', async () => {
    const event = eventBy(serviceAccount('JTI=4c1f5b1e-0000-4000-8000-000000000001'));
    const { service } = await answersTo(event);
    expect(anythingBody(service)).toMatchObject({
      attribution: { status: 'system' },
      complete: false,
      note: expect.stringContaining('token of the service account was not looked up'),
    });
  });

  it('names nobody whom a trusted proxy states with a token that was not looked up', async () => {
    const event = eventBy(serviceAccount('JTI=4c1f5b1e-0000-4000-8000-000000000001'), {
      impersonatedUser: { username: 'carol@example.com' },
    });
    const answer = await overTrusting(event);
    expect(answer.found[0]?.outcome).toMatchObject({
      attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'carol@example.com' } }] },
      isComplete: false,
    });
  });

  it.each([
    ['without a token', serviceAccount(undefined), {}],
    ['with a certificate', serviceAccount('X509SHA256=0a1b2c'), {}],
    ['without a readable time', serviceAccount('JTI=1'), { requestReceivedTimestamp: 'yesterday' }],
  ])('says nothing of a service account’s token %s', async (_, user, fields) => {
    const { service } = await answersTo(eventBy(user, fields));
    expect(service.found[0]?.outcome).toMatchObject({ attribution: { status: 'system' } });
    expect(service.found[0]?.outcome).not.toHaveProperty('isComplete', false);
  });

  it('names the person whom a trusted role states, not the session of the role', async () => {
    const answer = await overTrusting(eventBy(DEPLOY, { impersonatedUser: { username: 'carol@example.com' } }));
    expect(answer.found[0]?.outcome).toMatchObject({
      attribution: { status: 'attributed', method: 'proxy', actor: { name: 'carol@example.com' } },
    });
  });
});

describe('a pasted event whose access key was changed or removed', () => {
  const deed = { ...SECRETS, after: 0 };
  const pastedAs = (key: string | null) => JSON.stringify(eventOf({ ...deed, key }, 0));
  const inAnotherLog = (key: string | null) => JSON.stringify({ ...eventOf({ ...deed, key }, 0), auditID: 'another' });

  it.each([['another one, which a grant issued to bob', pastedAs(BOBS)]])(
    'names no single caller if the recorded event contradicts it: %s',
    async (_, text) => {
      for (const ask of [overFiles, overService]) {
        const answer = await ask(world([deed]), text);
        expect(namedIn(answer)).toEqual([]);
        expect(answer.found[0]?.outcome).toMatchObject({
          attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'bob' } }] },
          similar: [{ accessKeyId: STRANGERS, attribution: { status: 'unattributed' } }],
          note: expect.stringContaining('The audit log has this event, but states another caller or access key.'),
        });
      }
    },
  );

  it.each<[string, JsonObject]>([
    ['the access key', {}],
    ['the user beside the username', { user: { username: ARN } }],
    ['the user, and the microseconds of the time', { user: { username: ARN }, requestReceivedTimestamp: timeOf(0) }],
    [
      'everything but the username',
      { requestReceivedTimestamp: undefined, requestURI: undefined, sourceIPs: undefined, user: { username: ARN } },
    ],
  ])('is answered by the recorded event if it leaves out %s', async (_, fields) => {
    const exact = { ...eventOf(deed, 0), requestReceivedTimestamp: timeOf(0).replace('Z', '123Z') };
    const log = { ...world([]), events: [...world([]).events, exact] };
    const text = JSON.stringify({
      ...JSON.parse(pastedAs(null)),
      requestReceivedTimestamp: exact.requestReceivedTimestamp,
      ...fields,
    });
    for (const ask of [overFiles, overService])
      expect((await ask(log, text)).found[0]?.outcome).toMatchObject({
        attribution: { status: 'unattributed', reason: 'access-key-not-seen' },
        caller: { accessKeyId: STRANGERS },
        note: expect.stringMatching(
          /^The audit log has this event\. It also states what the text leaves out: .*the access key\./,
        ),
      });
  });

  it.each<[string, JsonObject, string | undefined]>([
    [
      'another source IP',
      { sourceIPs: ['192.0.2.99'] },
      'The audit log has this event with the source IP 198.51.100.7.',
    ],
    [
      'another user agent',
      { userAgent: 'curl/8.5.0' },
      'The audit log has this event with the user agent kubectl/v1.30.0.',
    ],
    [
      'both',
      { sourceIPs: ['192.0.2.99'], userAgent: 'curl/8.5.0' },
      'The audit log has this event with the source IP 198.51.100.7 and the user agent kubectl/v1.30.0.',
    ],
    ['none of them', {}, undefined],
  ])('is answered by the recorded event if it states %s, and the answer says so', async (_, fields, note) => {
    const recorded = { ...eventOf(deed, 0), sourceIPs: ['198.51.100.7'], userAgent: 'kubectl/v1.30.0' };
    const log = { ...world([]), events: [...world([]).events, recorded] };
    for (const ask of [overFiles, overService]) {
      const { found } = await ask(log, JSON.stringify({ ...recorded, ...fields }));
      const outcome = found[0]?.outcome;
      expect(outcome).toMatchObject({ kind: 'attributed', isStored: true });
      expect(outcome?.kind === 'attributed' ? outcome.note : '').toBe(note);
    }
  });

  it('has whoever used the session with a key that no grant issued beside the person, also if the log does not have it', async () => {
    for (const ask of [overFiles, overService]) {
      const answer = await ask(world([deed]), inAnotherLog(null));
      expect(namedIn(answer)).toEqual([]);
      expect(answer.found[0]?.outcome).toMatchObject({
        attribution: { status: 'ambiguous' },
        unidentified: [{ accessKeyId: STRANGERS }],
      });
    }
  });

  it('has them over files too if another account forges such keys of more sessions than are read', async () => {
    const foreign = Array.from({ length: 1_001 }, (_, at) =>
      eventBy(roleUser({ session: `other-${at}`, key: STRANGERS }), {
        auditID: `forged-${at}`,
        requestReceivedTimestamp: timeOf(600_000 + at),
      }),
    );
    const { found } = await overFiles({ ...world([deed]), foreign }, inAnotherLog(null));
    expect(found[0]?.outcome).toMatchObject({
      attribution: { status: 'ambiguous' },
      unidentified: [{ accessKeyId: STRANGERS }],
    });
  });

  it('names the person if the recorded event is theirs', async () => {
    const own = { ...deed, key: BOBS };
    for (const ask of [overFiles, overService])
      expect(namedIn(await ask(world([own]), pastedAs(null)))).toEqual(['bob']);
  });
});

describe('a pasted event that the given log lacks', () => {
  const missing = (fields: JsonObject = {}) =>
    JSON.stringify({ ...eventOf({ ...SECRETS, key: BOBS }, 0), auditID: 'no-such-event', ...fields });
  const ofCluster = (text: string) => JSON.stringify(delivery([JSON.parse(text)]));

  it.each<[string, string, object]>([
    [
      'without its cluster, which the log may not cover: the key names its person',
      missing(),
      {
        attribution: { status: 'attributed', actor: { name: 'bob' } },
        inLog: { result: 'not-checked' },
        note: 'The audit log has no such event. The text does not state a cluster, so nothing shows whether the log covers it. The caller was looked up by the details in the text.',
      },
    ],
    [
      'of a cluster and a time that the log covers: the person is at most a candidate',
      ofCluster(missing()),
      {
        attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'bob' } }] },
        inLog: { result: 'none' },
        note: expect.stringMatching(/^The audit log covers this cluster and time, and has no such event\./),
      },
    ],
    [
      'of a time that the log does not cover',
      ofCluster(missing({ requestReceivedTimestamp: utc('13:30:00') })),
      {
        attribution: { status: 'unattributed' },
        inLog: { result: 'not-checked' },
        note: expect.stringMatching(
          /^The audit log has no records from the cluster prod-1 at this time, so nothing was checked\./,
        ),
      },
    ],
    [
      'by a service account',
      ofCluster(missing({ user: { username: 'system:serviceaccount:shop:web', uid: 'web' } })),
      {
        attribution: { status: 'system' },
        inLog: { result: 'none' },
        note: expect.stringMatching(/^The audit log covers this cluster and time, and has no such event\./),
      },
    ],
    [
      'without authentication',
      ofCluster(missing({ user: { username: 'system:anonymous' } })),
      { inLog: { result: 'none' }, note: expect.stringMatching(/has no such event/) },
    ],
  ])('is answered with what the log shows, %s', async (_, text, expected) => {
    for (const ask of [overFiles, overService]) {
      const { found } = await ask(world([{ ...SECRETS, key: BOBS }]), text);
      expect(found[0]?.outcome, ask.name).toMatchObject(expected);
    }
  });

  it.each<[string, JsonObject, string]>([
    ['another object in its path', { requestURI: '/api/v1/namespaces/shop/secrets/Other' }, 'request path'],
    ['another verb', { verb: 'delete' }, 'verb'],
    ['another spelling of its object', { objectRef: { resource: 'secrets', namespace: 'Shop' } }, 'object'],
  ])('shows the recorded request with its audit ID, and what differs: %s', async (_, fields, what) => {
    const deed = { ...SECRETS, key: BOBS };
    const text = JSON.stringify({ ...eventOf(deed, 0), ...fields });
    for (const ask of [overFiles, overService]) {
      const answer = await ask(world([{ ...deed, after: 0 }]), text);
      expect(namedIn(answer), ask.name).toEqual([]);
      expect(answer.found[0]?.outcome, ask.name).toMatchObject({
        similar: [{ accessKeyId: BOBS, attribution: { actor: { name: 'bob' } } }],
        inLog: { result: 'similar', requests: 1, listed: [{ auditId: JSON.parse(text).auditID }] },
        note: expect.stringMatching(
          new RegExp(`^The audit log has this audit ID, but the text differs .* Different from the text: .*${what}`),
        ),
      });
    }
  });

  it('is not said to be missing if no log was given', async () => {
    const { found } = await overFiles(world([]), missing(), false);
    expect(found[0]?.outcome).toMatchObject({ attribution: { status: 'attributed' } });
    expect(found[0]?.outcome).not.toHaveProperty('inLog');
  });

  it('is said to be missing by the report of an incident', async () => {
    const { recognized } = await reportOverFiles(world([{ ...SECRETS, key: BOBS }]), ofCluster(missing()));
    expect(recognized.notes.join(' ')).toContain('and has no such event.');
  });
});
