import { ask, directUser } from '../audit.ts';
import { NODES, PROD, ROLES, STAGING, USERS } from '../company.ts';
import { uuid } from '../random.ts';
import { type At, atWork, does, iamUserByKey, type Scene, together } from '../story.ts';
import { assumeRole, callerIdentity, deniedAssumeRole, grantTo, sessionToken, tokenCheck } from '../sts.ts';

/** Scenes with IAM users: shared project roles, a chain of roles, a false session name, and emergency access. */

/** Ana's first request. Somebody who found its audit ID in a log uses it again. */
const ANAS_FIRST = {
  at: '08:01:12.204518',
  auditId: uuid('audit:ana-first'),
  request: ask('list', 'pods', 'orders', '?limit=500'),
};

/**
 * Returns Ana's session on the shared role. `aws eks get-token --role-arn` gives every session the name
 * EKSGetTokenAuth, so two people have the same `<roleId>:<sessionName>`.
 */
function anaOnTheSharedRole(): Scene {
  const { session, records } = grantTo(USERS.ana, ROLES.ordersDeveloper, 'EKSGetTokenAuth', '08:01:10', {
    userAgent: 'aws-cli/2.27.40 md/command#eks.get-token',
  });
  const ana = atWork(
    USERS.ana,
    session,
    { groups: ['orders-developers'] },
    'EKSGetTokenAuth on a role that Ben shares, in the same hour',
  );
  const exec = ask('create', 'pods/orders-api-6c9f/exec', 'orders', '?command=sh&container=api&stdin=true&tty=true');
  return {
    trail: [...records, tokenCheck(session, '08:01:12'), deniedAssumeRole(USERS.ana, ROLES.ordersAdmin, '08:10:42')],
    events: [
      does(ana, ANAS_FIRST.at, ANAS_FIRST.request, { auditId: ANAS_FIRST.auditId }),
      does(ana, '08:04:31.550021', ask('get', 'pods/orders-api-6c9f/log', 'orders', '?tailLines=200')),
      does(ana, '08:15:07.118900', exec, { stage: 'ResponseStarted', code: 101 }),
      does(ana, '08:15:07.118900', exec, {
        code: 101,
        took: 26 * 60_000_000,
        shows: 'the same exec when it ended, 26 minutes later: same auditID, another stage',
      }),
      does(ana, '08:31:48.300215', ask('get', 'secrets/orders-db', 'orders'), { code: 403 }),
    ],
  };
}

/**
 * Returns Ben's session on the shared role. His own key is temporary too (MFA), but the chain still begins with the IAM
 * user.
 */
function benOnTheSharedRole(): Scene {
  const mfa = sessionToken(USERS.ben, '07:58:02');
  const { session, records } = assumeRole({
    caller: { kind: 'iam-user', user: USERS.ben, temporaryKey: { id: mfa.key, since: '07:58:02' } },
    role: ROLES.ordersDeveloper,
    sessionName: 'EKSGetTokenAuth',
    at: '08:03:20',
    space: ' ',
  });
  const ben = atWork(
    USERS.ben,
    session,
    { groups: ['orders-developers'] },
    'EKSGetTokenAuth on a role that Ana shares; his own key came from GetSessionToken',
  );
  const watch = ask('watch', 'pods', 'orders', '?watch=true');
  return {
    trail: [mfa.record, ...records, tokenCheck(session, '08:03:22')],
    events: [
      does(ben, '08:03:22.871344', ask('list', 'deployments', 'orders')),
      does(ben, '08:20:15.002750', ask('patch', 'deployments/orders-api', 'orders'), {
        body: { spec: { replicas: 4 } },
      }),
      does(ben, '08:22:40.640118', ask('delete', 'pods/orders-api-6c9f', 'orders')),
      does(ben, '08:23:02.013377', watch, { stage: 'ResponseStarted' }),
      does(ben, '08:23:02.013377', watch, {
        took: 1_800_000_000,
        shows: 'the same watch when it ended, half an hour later',
      }),
    ],
  };
}

/** Returns Chloe's session with her own name. She impersonates others, and writes a false name into a body. */
function chloeOnHerOwnName(): Scene {
  const { session, records } = grantTo(USERS.chloe, ROLES.ordersAdmin, 'chloe.martin', '09:30:00', {
    durationSeconds: 7200,
  });
  const chloe = atWork(
    USERS.chloe,
    session,
    { username: 'orders-admin:chloe.martin', groups: ['orders-admins'] },
    "a shared project role; the session has the person's name",
  );
  const spec = {
    username: 'break-glass',
    uid: `aws-iam-authenticator:${USERS.breakGlass.accountId}:${USERS.breakGlass.id}`,
    groups: ['system:masters'],
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
  };
  return {
    trail: [...records, tokenCheck(session, '09:30:02')],
    events: [
      does(chloe, '09:30:02.441900', ask('list', 'pods', 'orders')),
      does(chloe, '09:34:12.090817', ask('list', 'secrets', 'orders'), {
        impersonated: { username: 'system:serviceaccount:orders:checkout', groups: ['system:serviceaccounts'] },
        answer: iamUserByKey(USERS.chloe, 1, ['impersonation']),
        shows: 'kubectl --as: the actor is the person, not the account that she impersonates',
      }),
      does(chloe, '09:41:55.711002', ask('create', 'certificatesigningrequests/chloe-laptop'), {
        code: 201,
        body: { kind: 'CertificateSigningRequest', spec },
        shows: "a request body that states somebody else's uid; only the event's own user counts",
      }),
    ],
  };
}

/** Returns Dmitri's session with Ana's name: whoever calls chooses the session name. */
function dmitriAsAna(): Scene {
  const { session, records } = grantTo(USERS.dmitri, ROLES.ordersDeveloper, 'ana.silva', '11:05:31');
  const dmitri = atWork(
    USERS.dmitri,
    session,
    { groups: ['orders-developers'] },
    'a forged session name: the username says ana.silva, the grant of the key says who assumed the role',
    { flags: ['session-name-claims-other-actor'] },
  );
  return {
    trail: [deniedAssumeRole(USERS.dmitri, ROLES.ordersAdmin, '11:04:50'), ...records, tokenCheck(session, '11:05:33')],
    events: [
      does(dmitri, '11:05:33.300671', ask('list', 'configmaps', 'orders')),
      does(dmitri, '11:06:10.118234', ask('get', 'configmaps/payment-endpoints', 'orders')),
      does(dmitri, '11:09:44.902006', ask('patch', 'configmaps/payment-endpoints', 'orders'), {
        body: { data: { callback: 'https://198.51.100.77/cb' } },
      }),
    ],
  };
}

/**
 * Returns Dmitri's session on the node role, which too many people may assume. He uses an instance's name, so the
 * cluster sees `system:node:…`.
 */
function dmitriAsANode(): Scene {
  const node = NODES.prod1;
  const { session, records } = grantTo(USERS.dmitri, node.role, node.instanceId, '11:40:12');
  const dmitri = atWork(
    USERS.dmitri,
    session,
    {
      username: `system:node:${node.host}`,
      groups: ['system:bootstrappers', 'system:nodes'],
    },
    'a person behind the node role',
    { flags: ['node-role-used-by-person'] },
  );
  return {
    trail: [...records, tokenCheck(session, '11:40:14')],
    events: [
      does(dmitri, '11:40:14.007713', ask('get', `nodes/${node.host}`)),
      does(dmitri, '11:41:20.655120', ask('get', 'secrets/orders-db', 'orders'), {
        auditId: ANAS_FIRST.auditId,
        shows:
          "a person behind the node role, with the auditID of Ana's first request (Audit-ID header), yet a separate record",
      }),
    ],
  };
}

/**
 * Returns Hana's three hops through three accounts. The source identity that she sets at the first one stays to the
 * last.
 */
function hanaThroughThreeAccounts(): Scene {
  const { ip } = USERS.hana;
  const first = grantTo(USERS.hana, ROLES.hubOperator, 'hana.sato', '15:00:05', {
    durationSeconds: 14400,
    sourceIdentity: 'hana.sato',
    region: 'us-east-1',
    space: ' ',
  });
  const second = assumeRole({
    caller: { kind: 'session', session: first.session, ip },
    role: ROLES.stagingJump,
    sessionName: 'maintenance-4211',
    at: '15:02:30',
  });
  const third = assumeRole({
    caller: { kind: 'session', session: second.session, ip },
    role: ROLES.clusterOperator,
    sessionName: 'EKSGetTokenAuth',
    at: '15:03:01',
  });
  const as = { username: 'cluster-operator:EKSGetTokenAuth', groups: ['operators'] };
  const hana = atWork(USERS.hana, third.session, as, 'three hops across three accounts, with a source identity', {
    answer: { ...iamUserByKey(USERS.hana, 3), sourceIdentity: 'hana.sato' },
  });
  return {
    trail: [...first.records, ...second.records, ...third.records, tokenCheck(third.session, '15:03:03')],
    events: [
      does(hana, '15:03:03.554109', ask('list', 'nodes')),
      does(hana, '15:05:27.200464', ask('patch', `nodes/${NODES.prod2.host}`), {
        body: { spec: { unschedulable: true } },
      }),
      does(hana, '15:06:02.931550', ask('create', 'pods/orders-api-7d2a/eviction', 'orders'), { code: 201 }),
      does(hana, '15:30:45.006080', ask('patch', `nodes/${NODES.prod2.host}`), {
        body: { spec: { unschedulable: null } },
      }),
    ],
  };
}

/**
 * Returns an IAM user that aws-auth maps, without any role or grant. Without `extra.arn`, the user's name comes from
 * another record.
 */
function breakGlass(): Scene {
  const user = USERS.breakGlass;
  const answer = { status: 'attributed', method: 'direct', actorKind: 'iam-user', actorName: user.name } as const;
  const groups = ['system:masters'];
  const shared = { ips: [user.ip], answer };
  const inProd: At = {
    ...shared,
    cluster: PROD,
    user: directUser(user, { username: 'break-glass', groups }),
    shows: 'an IAM user acting directly',
  };
  const inStaging: At = {
    ...shared,
    cluster: STAGING,
    user: directUser(user, { username: 'admin', groups, age: 'accessKeyId' }),
    shows: 'an IAM user acting directly, known only by its AIDA id: its name is in a CloudTrail record that it signed',
  };
  const reason =
    'RBAC: allowed by ClusterRoleBinding "cluster-admin" of ClusterRole "cluster-admin" to Group "system:masters"';
  return {
    trail: [callerIdentity({ kind: 'iam-user', user }, user.accountId, '19:12:04')],
    events: [
      does(inProd, '19:12:04.818181', ask('get', 'deployments/coredns', 'kube-system'), { reason }),
      does(inProd, '19:13:30.272727', ask('patch', 'deployments/coredns', 'kube-system'), { reason }),
      does(inStaging, '19:20:11.363636', ask('list', 'pods', 'kube-system'), { reason }),
    ],
  };
}

export function people(): Scene {
  return together(
    anaOnTheSharedRole(),
    benOnTheSharedRole(),
    chloeOnHerOwnName(),
    dmitriAsAna(),
    dmitriAsANode(),
    hanaThroughThreeAccounts(),
    breakGlass(),
  );
}
