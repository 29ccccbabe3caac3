import { ask, serviceAccount, sessionUser, tokenUser } from '../audit.ts';
import { PROD, ROLES, STAGING, USERS } from '../company.ts';
import { accessKeyId, uuid } from '../random.ts';
import { type At, atWork, does, iamUserByKey, type Scene, together } from '../story.ts';
import { grantTo, tokenCheck } from '../sts.ts';

/** Scenes in which the key of a grant does not explain the access: a service account token, a proxy, the console. */

/**
 * Returns Chloe's request for a token, and what a script does with it on another machine. The script's events have the
 * token's ID.
 */
function chloeByToken(): Scene {
  const { chloe } = USERS;
  const grant = grantTo(chloe, ROLES.clusterOperator, 'chloe.martin', '16:08:30');
  const credentialId = `JTI=${uuid('token of report-exporter')}`;
  const as = { username: 'cluster-operator:chloe.martin', groups: ['operators'] };
  const herself = atWork(chloe, grant.session, as, 'Chloe has a service account token issued (kubectl create token)');
  const script: At = {
    cluster: PROD,
    user: tokenUser('reports', 'report-exporter', credentialId),
    ips: ['192.0.2.61'],
    userAgent: 'python-requests/2.32.4',
    answer: { ...iamUserByKey(chloe, 2, ['token-of-service-account']), method: 'token' },
    shows: 'a service account, by the token that Chloe had issued',
  };
  return {
    trail: grant.records,
    events: [
      does(herself, '16:09:12.303132', ask('create', 'serviceaccounts/report-exporter/token', 'reports'), {
        code: 201,
        issuedToken: credentialId,
      }),
      does(script, '16:31:07.414243', ask('list', 'pods', 'reports')),
      does(script, '16:31:08.515253', ask('get', 'configmaps/report-exporter', 'reports')),
    ],
  };
}

/** Returns a person whom an access proxy names. The proxy is not configured as trusted, so the name proves nothing. */
function miraThroughTeleport(): Scene {
  const teleport: At = {
    cluster: PROD,
    user: serviceAccount('teleport', 'teleport-kube-agent', 'teleport-kube-agent-0'),
    ips: ['192.0.2.102'],
    answer: {
      status: 'partial',
      method: 'direct',
      reason: 'acts-for-impersonated-user',
      actorKind: 'kubernetes-service-account',
      actorName: 'teleport:teleport-kube-agent',
      flags: ['impersonation'],
    },
    shows: 'an access proxy (Teleport) names a person, who is the actor only with `--trusted-proxy`',
  };
  const impersonated = { username: 'mira.jansen@example.com', groups: ['reports-readers', 'system:authenticated'] };
  return {
    trail: [],
    events: [
      does(teleport, '15:50:12.616263', ask('list', 'pods', 'reports'), { impersonated }),
      does(teleport, '15:52:40.717273', ask('get', 'pods/report-runner-0/log', 'reports'), { impersonated }),
    ],
  };
}

/**
 * Returns Ben's work in the console. It signs with a key that no grant lists, but uses of the key say that the session
 * began when Ben switched roles.
 */
function benInTheConsole(): Scene {
  const { ben } = USERS;
  const { session, records } = grantTo(ben, ROLES.dataEngineer, 'ben.okafor', '16:20:05');
  const used = { ...session, accessKeyId: accessKeyId('ASIA', 'ben: the console') };
  const atConsole: At = {
    cluster: STAGING,
    user: sessionUser(used, { groups: ['data-engineers'] }),
    ips: ['192.0.2.14'],
    userAgent: 'eks-console',
    answer: { ...iamUserByKey(ben, 1, ['key-not-listed']), method: 'session-start' },
    shows: "AWS's console: no grant lists the key, the session is matched by its first second; compare the source IPs",
  };
  return {
    trail: [...records, tokenCheck(used, '16:22:18')],
    events: [
      does(atConsole, '16:22:18.818283', ask('list', 'jobs', 'warehouse')),
      does(atConsole, '16:23:51.919293', ask('get', 'pods/etl-7c9d', 'warehouse')),
    ],
  };
}

export function waysIn(): Scene {
  return together(chloeByToken(), miraThroughTeleport(), benInTheConsole());
}
