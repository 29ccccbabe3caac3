import { ask, type KubernetesUser, sessionUser } from '../audit.ts';
import type { Session } from '../callers.ts';
import { type IamUser, PROD, ROLES, type Role, STAGING, USERS } from '../company.ts';
import { accessKeyId } from '../random.ts';
import { type At, does, iamUserByKey, type Scene, together } from '../story.ts';
import { assumeRole, grantTo, tokenCheck, VENDOR } from '../sts.ts';

/** Scenes in which the logs say too little: answers by session name, several candidates, nobody, and half a chain. */

/**
 * Returns the user without the access key. A log pipeline removed it as a secret, so the event has only the session
 * name.
 */
function withoutKey(user: KubernetesUser): KubernetesUser {
  const { accessKeyId: _taken, ...extra } = user.extra ?? {};
  return { ...user, extra };
}

/** Returns the user with a word instead of the access key, as another pipeline writes it. */
function withRedactedKey(user: KubernetesUser): KubernetesUser {
  return { ...user, extra: { ...user.extra, accessKeyId: ['REDACTED'] } };
}

const PAYMENTS = { cluster: STAGING, groups: ['payments-developers'] } as const;

/**
 * Returns Ana's session at 10:02 and Ben's at 10:20, with one session name and no access key that distinguishes them.
 */
function twoInOneName(): Scene {
  const role = ROLES.paymentsDeveloper;
  const ana = grantTo(USERS.ana, role, 'EKSGetTokenAuth', '10:02:00');
  const ben = grantTo(USERS.ben, role, 'EKSGetTokenAuth', '10:20:00');
  const user = sessionUser(ana.session, { groups: PAYMENTS.groups, age: 'arn' });
  const both: At = {
    cluster: STAGING,
    user: withoutKey(user),
    ips: ['203.0.113.11'],
    answer: { status: 'ambiguous', candidates: [USERS.ana.name, USERS.ben.name] },
    shows: 'no access key, and two people with sessions named EKSGetTokenAuth at that time',
  };
  return {
    trail: [...ana.records, ...ben.records],
    events: [
      does(both, '10:12:08.246810', ask('list', 'pods', 'payments'), {
        answer: { ...iamUserByKey(USERS.ana, 1, ['name-chosen-by-caller']), method: 'session-name' },
        shows: 'no access key, and only Ana has a session of that name by then',
      }),
      does(both, '10:31:44.135791', ask('delete', 'pods/payments-api-5f77', 'payments')),
      does({ ...both, user: withRedactedKey(user) }, '10:33:20.975310', ask('list', 'configmaps', 'payments'), {
        shows: 'REDACTED is no access key: ambiguous, as without a key',
      }),
      does(
        { ...both, user: sessionUser(ben.session, { groups: PAYMENTS.groups, age: 'none' }) },
        '10:40:09.864200',
        ask('get', 'deployments/payments-api', 'payments'),
        {
          shows: "no extra at all: the session name is read from the access entry's username, but two people have it",
        },
      ),
    ],
  };
}

/** Returns the only session with its name. That is enough for an answer, although the caller chose the name. */
function oneInOneName(): Scene {
  const role = ROLES.paymentsDeveloper;
  const ben = grantTo(USERS.ben, role, 'ben.okafor', '12:00:00');
  const chloe = grantTo(USERS.chloe, role, 'chloe.martin', '12:30:00');
  const byName = (user: IamUser, method: 'session-name' | 'username') =>
    ({ ...iamUserByKey(user, 1, ['name-chosen-by-caller']), method }) as const;
  const benAtWork: At = {
    cluster: STAGING,
    user: withRedactedKey(sessionUser(ben.session, { groups: PAYMENTS.groups, age: 'arn' })),
    ips: [USERS.ben.ip],
    answer: byName(USERS.ben, 'session-name'),
    shows: 'no access key: only one session has the stated name',
  };
  const chloeAtWork: At = {
    cluster: STAGING,
    user: sessionUser(chloe.session, { groups: PAYMENTS.groups, age: 'none' }),
    ips: [USERS.chloe.ip],
    answer: byName(USERS.chloe, 'username'),
    shows: "no extra: the session name is read from the access entry's username",
  };
  return {
    trail: [...ben.records, ...chloe.records],
    events: [
      does(benAtWork, '12:04:30.111213', ask('list', 'pods', 'payments')),
      does(chloeAtWork, '12:34:30.141516', ask('list', 'deployments', 'payments')),
    ],
  };
}

/** Returns a session whose grant is missing in the trail, so nobody is identified. */
function missingTrail(): Scene {
  const unknown = (role: Role, name: string): Session => {
    return { role, name, since: '12:55:00', accessKeyId: accessKeyId('ASIA', `missing:${role.name}/${name}`) };
  };
  const engineer: At = {
    cluster: STAGING,
    user: sessionUser(unknown(ROLES.dataEngineer, 'etl-debug'), { groups: ['data-engineers'] }),
    ips: ['203.0.113.30'],
    answer: { status: 'unattributed', reason: 'no-matching-grant' },
    shows: 'a session whose grant is in no known trail',
  };
  const sharer: At = {
    cluster: PROD,
    user: sessionUser(unknown(ROLES.ordersDeveloper, 'EKSGetTokenAuth'), { groups: ['orders-developers'] }),
    ips: ['203.0.113.31'],
    answer: { status: 'unattributed', reason: 'access-key-not-seen' },
    shows: 'EKSGetTokenAuth with a key that no known grant issued: the name alone proves nothing',
  };
  const legacy: At = {
    cluster: STAGING,
    user: sessionUser(unknown(ROLES.legacyOps, 'ops'), { username: 'legacy-ops', groups: ['ops'], age: 'none' }),
    ips: ['203.0.113.32'],
    answer: { status: 'unattributed', reason: 'session-name-unknown' },
    shows: 'an old event: neither key nor session name',
  };
  return {
    trail: [],
    events: [
      does(engineer, '12:58:21.171819', ask('list', 'jobs', 'payments')),
      does(engineer, '13:02:57.202122', ask('create', 'pods/etl-debug/exec', 'payments', '?command=psql'), {
        code: 101,
      }),
      does(sharer, '08:40:13.232425', ask('list', 'pods', 'orders')),
      does(legacy, '17:05:00.262728', ask('delete', 'configmaps/feature-flags', 'payments')),
    ],
  };
}

/**
 * Returns a session whose chain is proven up to the account of a supplier. The company does not have that account's
 * trail.
 */
function vendorCollector(): Scene {
  const { session, records } = assumeRole({
    caller: VENDOR,
    role: ROLES.vendorObserver,
    sessionName: 'metrics-collector',
    at: '16:45:00',
    userAgent: BOTO_OF_THE_VENDOR,
  });
  const who: At = {
    cluster: PROD,
    user: sessionUser(session, { groups: ['observers'] }),
    ips: [VENDOR.ip],
    userAgent: 'metrics-collector/5.4',
    answer: {
      status: 'partial',
      method: 'access-key',
      reason: 'caller-account-not-logged',
      actorKind: 'aws-account-principal',
      hops: 1,
    },
    shows: "a principal of a supplier's account",
  };
  return {
    trail: [...records, tokenCheck(session, '16:45:02')],
    events: [does(who, '16:45:02.293031', ask('list', 'nodes')), does(who, '16:45:02.323334', ask('list', 'pods'))],
  };
}

const BOTO_OF_THE_VENDOR = 'aws-sdk-java/2.31.60 ua/2.1 api/STS#2.31.x os/Linux lang/java#21.0.7';

/**
 * Returns a session whose first role was assumed without a record in any trail. The chain ends at that role's session.
 */
function terraformRun(): Scene {
  const hub: Session = {
    role: ROLES.terraformHub,
    name: 'tfc-workspace-eks',
    since: '17:30:00',
    accessKeyId: accessKeyId('ASIA', 'terraform hub'),
  };
  const { session, records } = assumeRole({
    caller: { kind: 'session', session: hub, ip: '198.51.100.90' },
    role: ROLES.terraform,
    sessionName: 'tfc-run-4Zq8',
    at: '17:30:06',
    userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.12.2',
  });
  const who: At = {
    cluster: STAGING,
    user: sessionUser(session, { groups: ['planners'] }),
    ips: ['198.51.100.90'],
    userAgent: 'HashiCorp/1.0 Terraform/1.12.2',
    answer: {
      status: 'partial',
      method: 'access-key',
      reason: 'upstream-grant-not-found',
      actorKind: 'role-session',
      hops: 1,
    },
    shows: "a chain whose first grant is missing: known up to the hub role's session",
  };
  return {
    trail: [...records, tokenCheck(session, '17:30:09')],
    events: [does(who, '17:30:09.353637', ask('list', 'namespaces'))],
  };
}

export function gaps(): Scene {
  return together(twoInOneName(), oneInOneName(), missingTrail(), vendorCollector(), terraformRun());
}
