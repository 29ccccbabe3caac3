import type { JsonObject } from '../../lib/json.ts';
import { isJsonObject } from '../../lib/json.ts';
import { OTHER_ACCOUNT } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { eksCall, grant } from '../builders/trail-records.ts';

/** More than a page of the test, and more than any limit of a list that decides. */
export const FLOOD = 60;

/** What an account floods with, made from one request of another account. `at` numbers the forged events. */
interface Forgery {
  readonly event: JsonObject;
  /** The cluster of the attacker's account. By default one with the name of the honest cluster. */
  readonly cluster?: string;
  /** What the event bus gets of CloudTrail: grants, and changes of clusters. */
  readonly grants?: readonly JsonObject[];
  /** The stack that reports a cluster with the name of the honest one. */
  readonly stack?: { readonly accountId: string; readonly region: string };
}

type Forge = (event: JsonObject, at: number) => Forgery;

const again = (event: JsonObject, at: number, more: JsonObject = {}): JsonObject => ({
  ...event,
  auditID: `f0000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
  ...more,
});

const part = (of: unknown): JsonObject => (isJsonObject(of) ? of : {});

function withUser(event: JsonObject, change: (user: JsonObject) => JsonObject): JsonObject {
  return { ...event, user: change(part(event.user)) };
}

function withExtra(event: JsonObject, extra: JsonObject): JsonObject {
  return withUser(event, (user) => ({ ...user, extra: { ...part(user.extra), ...extra } }));
}

const numbered = (prefix: string, at: number) => `${prefix}${String(at).padStart(20 - prefix.length, '0')}`;

/** Every kind of flood. The next one is a row here. */
export const FLOODS: Readonly<Record<string, Forge>> = {
  'copies with the audit ID': (event) => ({ event }),
  'the same request': (event, at) => ({ event: again(event, at) }),
  'the same request, refused': (event, at) => ({
    event: again(event, at, { responseStatus: { metadata: {}, code: 403 } }),
  }),
  'the same request from anywhere': (event, at) => ({
    event: again(event, at, { sourceIPs: [`100.64.${Math.floor(at / 250)}.${at % 250}`], userAgent: `tool/${at}` }),
  }),
  'the same request in other namespaces': (event, at) => ({
    event: again(
      JSON.parse(
        JSON.stringify(event)
          .replaceAll('"namespace":"shop"', `"namespace":"a-${at}"`)
          .replaceAll('/namespaces/shop/', `/namespaces/a-${at}/`),
      ),
      at,
    ),
  }),
  'the same request in clusters of other names': (event, at) => ({ event: again(event, at), cluster: `a-${at}` }),
  'the session without its key': (event, at) => ({ event: again(withExtra(event, { accessKeyId: [] }), at) }),
  'the session with invented keys': (event, at) => ({
    event: again(withExtra(event, { accessKeyId: [numbered('ASIAFORGED', at)] }), at),
  }),
  'the session with invented IDs of the role': (event, at) => ({
    event: again(
      withUser(event, (user) => ({
        ...user,
        uid: String(user.uid ?? '').replace(/AROA\w+/, numbered('AROAFORGED', at)),
      })),
      at,
    ),
  }),
  'sessions of its own with the same names': (event, at) => {
    const user = part(event.user);
    const session = [part(user.extra).sessionName].flat()[0];
    const [key, roleId] = [keyId(numbered('ASIAOWNED', at)), numbered('AROAOWNED', at)];
    const name = typeof session === 'string' ? session : 'alice-session';
    const by = iamUser('alice', {
      accountId: OTHER_ACCOUNT,
      principalId: numbered('AIDAOWN', at),
      arn: `arn:aws:iam::${OTHER_ACCOUNT}:user/alice`,
    });
    return {
      event: again(
        withExtra(
          withUser(event, (own) => ({ ...own, uid: `aws-iam-authenticator:${OTHER_ACCOUNT}:${roleId}` })),
          {
            accessKeyId: [key],
            sessionName: [name],
            arn: [`arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/project-admin/${name}`],
            canonicalArn: [`arn:aws:iam::${OTHER_ACCOUNT}:role/project-admin`],
          },
        ),
        at,
      ),
      grants: [grant({ id: `own-${at}`, by, accountId: OTHER_ACCOUNT, roleId, session: name, key })],
    };
  },
  'uses of other tokens': (event, at) => ({
    event: again(
      {
        ...withExtra(event, {
          'authentication.kubernetes.io/credential-id': [`JTI=4c1f6a5e-0000-4000-8001-${String(at).padStart(12, '0')}`],
        }),
      },
      at,
    ),
  }),
  'tokens that it issues': (event, at) => ({
    event: again(event, at, {
      annotations: {
        'authentication.kubernetes.io/issued-credential-id': 'JTI=4c1f6a5e-0000-4000-8000-0000000000aa',
      },
      verb: 'create',
      objectRef: {
        resource: 'serviceaccounts',
        subresource: 'token',
        namespace: 'shop',
        name: 'web',
        apiVersion: 'v1',
      },
      requestURI: '/api/v1/namespaces/shop/serviceaccounts/web/token',
      responseStatus: { metadata: {}, code: 201 },
    }),
  }),
  'impersonation of the caller': (event, at) => ({
    event: again(event, at, { impersonatedUser: { username: String(part(event.user).username) } }),
  }),
  'changes of clusters of its own with the same names': (event, at) => ({
    event: again(event, at),
    grants: ['prod-1', 'prod-2'].map((name) =>
      eksCall(
        'DeleteAccessEntry',
        { name },
        {
          eventID: `own-change-${name}-${at}`,
          eventTime: new Date(Date.parse(String(event.requestReceivedTimestamp)) + at * 1_000).toISOString(),
          recipientAccountId: OTHER_ACCOUNT,
        },
      ),
    ),
  }),
  'reports of its stack': (event, at) => ({
    event: again(event, at),
    stack: { accountId: OTHER_ACCOUNT, region: `region-${at}` },
  }),
};

/** The times of a flood, as milliseconds after the request. `at` numbers the forged events. */
export const TIMES: Readonly<Record<string, (at: number) => number>> = {
  'at the same second': (at) => at % 900,
  'before it': (at) => -1_000 - at * 1_000,
  'after it': (at) => 1_000 + at * 1_000,
  'two days before': (at) => -2 * 86_400_000 + at,
  'in another century': (at) => 80 * 365 * 86_400_000 + at,
};

export function moved(event: JsonObject, millis: number): JsonObject {
  const time = new Date(Date.parse(String(event.requestReceivedTimestamp)) + millis).toISOString();
  return { ...event, requestReceivedTimestamp: time, stageTimestamp: time };
}
