import { ask, sessionUser } from '../audit.ts';
import { IDENTITY_CENTER, PROD, ROLES, STAGING } from '../company.ts';
import { accessKeyId } from '../random.ts';
import { type Answer, type At, does, type Scene, together } from '../story.ts';
import { identityCenterSignIn, tokenCheck } from '../sts.ts';

/**
 * Scenes with people of Identity Center. AWS chooses their session names, and sometimes signs with keys that no grant
 * lists.
 */

function person(name: string, method: 'access-key' | 'session-start' | 'session-name', flags: string[] = []): Answer {
  return { status: 'attributed', method, actorKind: 'identity-center-user', actorName: name, hops: 1, flags };
}

const BINDING = {
  kind: 'ClusterRoleBinding',
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'ServiceAccount', namespace: 'orders', name: 'checkout' }],
};

function emmaFromTheCommandLine(): Scene {
  const { emma } = IDENTITY_CENTER;
  const { session, records } = identityCenterSignIn(emma, ROLES.ssoClusterAdmin, '08:45:00');
  const who: At = {
    cluster: PROD,
    user: sessionUser(session, { groups: ['platform-admins'] }),
    ips: [emma.ip],
    answer: person(emma.name, 'access-key'),
    shows: 'Identity Center, with the key that the grant issued; the username has - in place of @',
  };
  return {
    trail: [...records, tokenCheck(session, '08:45:31')],
    events: [
      does(who, '08:45:31.090909', ask('list', 'nodes')),
      does(who, '08:52:17.404040', ask('get', 'daemonsets/aws-node', 'kube-system')),
      does(who, '10:11:03.777001', ask('create', 'clusterrolebindings/orders-read'), { code: 201, body: BINDING }),
      does(
        { ...who, ips: ['198.51.100.88'], userAgent: 'OpenAPI-Generator/33.1.0/python' },
        '10:13:40.515151',
        ask('get', 'pods/orders-db-0/portforward', 'orders', '?ports=5432'),
        { code: 101, shows: 'a port forwarded with the same key, from another source IP and by another program' },
      ),
      does(who, '14:38:29.121212', ask('list', 'pods', undefined, '?fieldSelector=status.phase%3DFailed')),
    ],
  };
}

/**
 * Returns a session whose key no grant lists, and whose start is 4 s off (seen once in three). AWS chose its session
 * name, so the name decides.
 */
function faridWithAnUnlistedKey(): Scene {
  const { farid } = IDENTITY_CENTER;
  const { session, records } = identityCenterSignIn(farid, ROLES.ssoDeveloper, '09:12:00');
  const key = accessKeyId('ASIA', 'farid: a key that no grant lists');
  const used = { ...session, accessKeyId: key, since: '09:12:04' };
  const who: At = {
    cluster: STAGING,
    user: sessionUser(used, { groups: ['developers'] }),
    ips: [farid.ip],
    answer: person(farid.name, 'session-name', ['access-key-mismatch']),
    shows: 'Identity Center, with a key that no grant lists: AWS set the session name',
  };
  return {
    trail: [...records, tokenCheck(used, '09:12:40')],
    events: [
      does(who, '09:12:40.515151', ask('list', 'pods', 'payments')),
      does(who, '09:15:02.616161', ask('get', 'pods/payments-api-5f77/log', 'payments')),
      does(who, '09:44:38.717171', ask('delete', 'jobs/payments-migrate', 'payments')),
    ],
  };
}

/**
 * Returns a session in CloudShell, which signs with a key of its own. A record that the key signed says when the
 * session began.
 */
function graceInCloudShell(): Scene {
  const { grace } = IDENTITY_CENTER;
  const { session, records } = identityCenterSignIn(grace, ROLES.ssoClusterAdmin, '13:20:15');
  const used = { ...session, accessKeyId: accessKeyId('ASIA', 'grace: CloudShell') };
  const who: At = {
    cluster: PROD,
    user: sessionUser(used, { groups: ['platform-admins'] }),
    ips: ['198.51.100.61'],
    userAgent: 'kubectl/v1.33.2 (linux/amd64) kubernetes/a57b6f7 exec-env/CloudShell',
    answer: person(grace.name, 'session-start'),
    shows: "CloudShell: no grant lists the key, but a use of it has the grant's time as creationDate",
  };
  return {
    trail: [...records, tokenCheck(used, '13:24:50')],
    events: [
      does(who, '13:24:50.818099', ask('list', 'namespaces')),
      does(who, '13:26:14.919191', ask('get', 'pods/report-runner-0', 'reports')),
      does(who, '13:31:59.020202', ask('delete', 'pods/report-runner-0', 'reports')),
    ],
  };
}

export function identityCenter(): Scene {
  return together(emmaFromTheCommandLine(), faridWithAnUnlistedKey(), graceInCloudShell());
}
