import { ask, federatedUser, sessionUser } from '../audit.ts';
import type { Session } from '../callers.ts';
import { ACCOUNTS, NODES, type Node, PROD, REGION, ROLES, STAGING, USERS } from '../company.ts';
import { uuid } from '../random.ts';
import { type Answer, type At, does, iamUserByKey, type Scene, SYSTEM, together } from '../story.ts';
import { assumeRole, BOTO, federationToken, type Grant, githubSignIn, podIdentityRequest, tokenCheck } from '../sts.ts';

/** Scenes with workloads that have IAM roles: nodes, a pod, a CI job, a function, a broker. */

/** Returns the grant of an instance profile. EC2 assumes the role, and the session name is the instance ID. */
function instanceProfile(node: Node, at: string): Grant {
  return assumeRole({
    caller: { kind: 'service', service: 'ec2.amazonaws.com' },
    role: node.role,
    sessionName: node.instanceId,
    at,
    durationSeconds: 21600,
    withoutAssumedRoleUser: node.cluster === STAGING,
  });
}

function nodeAtWork(node: Node, { session, records }: Grant, times: readonly string[]): Scene {
  const groups = ['system:bootstrappers', 'system:nodes'];
  const who: At = {
    cluster: node.cluster,
    user: sessionUser(session, { username: `system:node:${node.host}`, groups }),
    ips: [node.ip],
    userAgent: 'kubelet/v1.33.1-eks-595af52 (linux/amd64) kubernetes/595af52',
    answer: SYSTEM,
    shows: 'a node, with its own instance profile',
  };
  const reason = '';
  return {
    trail: records,
    events: times.map((at) =>
      does(who, at, ask('patch', `nodes/${node.host}/status`, undefined, '?timeout=10s'), { reason }),
    ),
  };
}

/** Returns the session tags that name the pod of the session. */
function podTags(namespace: string, account: string, pod: string): readonly (readonly [string, string])[] {
  return [
    ['eks-cluster-arn', `arn:aws:eks:${REGION}:${ACCOUNTS.prod}:cluster/prod`],
    ['eks-cluster-name', 'prod'],
    ['kubernetes-namespace', namespace],
    ['kubernetes-service-account', account],
    ['kubernetes-pod-name', pod],
    ['kubernetes-pod-uid', uuid(`pod:${namespace}/${pod}`)],
  ];
}

/**
 * Returns a session by EKS Pod Identity. EKS assumes the pod's role with the pod in the session tags. The pod then
 * calls the other cluster.
 */
function podOnTheOtherCluster(node: Session): Scene {
  const pod = 'nightly-report-29384712-x7k2p';
  const first = assumeRole({
    caller: { kind: 'service', service: 'pods.eks.amazonaws.com' },
    role: ROLES.reportRunner,
    sessionName: `eks-prod-nightly-re-${uuid('pod identity')}`,
    at: '06:30:05',
    durationSeconds: 21600,
    tags: podTags('reports', 'report-runner', pod),
  });
  const second = assumeRole({
    caller: { kind: 'session', session: first.session, ip: NODES.prod2.ip },
    role: ROLES.stagingReader,
    sessionName: 'botocore-session-1773124210',
    at: '06:30:10',
    userAgent: BOTO,
  });
  const who: At = {
    cluster: STAGING,
    user: sessionUser(second.session, { groups: ['readers'] }),
    ips: [NODES.prod2.ip],
    userAgent: 'OpenAPI-Generator/33.1.0/python',
    answer: {
      status: 'attributed',
      method: 'access-key',
      actorKind: 'aws-service',
      actorName: 'pods.eks.amazonaws.com',
      workload: `reports/${pod}`,
      hops: 2,
    },
    shows: 'a pod of prod (EKS Pod Identity), in staging through a second role',
  };
  return {
    trail: [
      podIdentityRequest(node, 'prod', NODES.prod2.ip, '06:30:04'),
      ...first.records,
      ...second.records,
      tokenCheck(second.session, '06:30:12'),
    ],
    events: [
      does(who, '06:30:12.100200', ask('list', 'deployments', 'payments')),
      does(who, '06:30:12.480031', ask('list', 'pods', 'payments')),
      does(who, '06:30:13.022019', ask('list', 'secrets', 'payments'), { code: 403 }),
    ],
  };
}

/** Returns a GitHub Actions job by OIDC. GitHub signs the subject, which is the actor. */
function ciJob(): Scene {
  const subject = 'repo:example-corp/shop:ref:refs/heads/main';
  const answer: Answer = {
    status: 'attributed',
    method: 'access-key',
    actorKind: 'web-identity-user',
    actorName: subject,
    hops: 1,
  };
  const staging = githubSignIn(subject, ROLES.stagingDeploy, '14:02:11', 3600);
  const prod = githubSignIn(subject, ROLES.prodDeploy, '14:20:47', 900);
  const shared = { ips: ['198.51.100.20'], answer, userAgent: 'Helm/3.18.3' };
  const shows = 'a CI job by OIDC (GitHub Actions)';
  const inStaging: At = {
    ...shared,
    cluster: STAGING,
    shows,
    user: sessionUser(staging.session, { groups: ['deployers'] }),
  };
  const inProd: At = { ...shared, cluster: PROD, shows, user: sessionUser(prod.session, { groups: ['deployers'] }) };
  return {
    trail: [
      ...staging.records,
      ...prod.records,
      tokenCheck(staging.session, '14:02:14'),
      tokenCheck(prod.session, '14:20:50'),
    ],
    events: [
      does(inStaging, '14:02:14.314159', ask('list', 'secrets', 'payments', '?labelSelector=owner%3Dhelm')),
      does(inStaging, '14:02:15.926535', ask('patch', 'deployments/payments-api', 'payments')),
      does(inProd, '14:20:50.897932', ask('list', 'secrets', 'orders', '?labelSelector=owner%3Dhelm')),
      does(inProd, '14:20:52.384626', ask('patch', 'deployments/orders-api', 'orders')),
      does(inProd, '14:21:40.433832', ask('get', 'deployments/orders-api', 'orders')),
    ],
  };
}

/**
 * Returns a Lambda function. The grant to the service has no `assumedRoleUser`, and states in `inScopeOf` what it is
 * for.
 */
function janitorFunction(): Scene {
  const name = 'cluster-janitor-nightly';
  const workload = `arn:aws:lambda:${REGION}:${ACCOUNTS.staging}:function:${name}`;
  const { session, records } = assumeRole({
    caller: {
      kind: 'service',
      service: 'lambda.amazonaws.com',
      onBehalfOf: {
        sourceArn: workload,
        sourceAccount: ACCOUNTS.staging,
        issuerType: 'AWS::Lambda::Function',
        credentialsIssuedTo: workload,
      },
    },
    role: ROLES.janitor,
    sessionName: name,
    at: '03:00:01',
    withoutAssumedRoleUser: true,
  });
  const who: At = {
    cluster: STAGING,
    user: sessionUser(session, { groups: ['janitors'] }),
    ips: ['198.51.100.33'],
    userAgent: 'kubernetes-client/1.2.0',
    answer: {
      status: 'attributed',
      method: 'access-key',
      actorKind: 'aws-service',
      actorName: 'lambda.amazonaws.com',
      workload,
      hops: 1,
    },
    shows: 'a Lambda function; its grant does not name the session',
  };
  return {
    trail: [...records, tokenCheck(session, '03:00:03')],
    events: [
      does(who, '03:00:03.271828', ask('list', 'jobs', 'payments')),
      does(who, '03:00:03.904523', ask('delete', 'jobs/payments-import-0309', 'payments')),
    ],
  };
}

/** Returns a session by GetFederationToken. The broker chooses the name, and is the actor. */
function federationBroker(): Scene {
  const federated = federationToken(USERS.reportBroker, 'quarterly-report', '16:00:00');
  const who: At = {
    cluster: STAGING,
    user: federatedUser(federated, { username: 'report-viewer', groups: ['readers'] }),
    ips: [USERS.reportBroker.ip],
    userAgent: 'OpenAPI-Generator/33.1.0/python',
    answer: iamUserByKey(USERS.reportBroker, 1),
    shows: 'a federated user: the actor is the IAM user who called GetFederationToken',
  };
  return { trail: [federated.record], events: [does(who, '16:00:08.602214', ask('list', 'pods', 'payments'))] };
}

export function workloads(): Scene {
  const prod1 = instanceProfile(NODES.prod1, '06:02:00');
  const prod2 = instanceProfile(NODES.prod2, '06:02:30');
  const staging1 = instanceProfile(NODES.staging1, '06:03:00');
  return together(
    nodeAtWork(NODES.prod1, prod1, ['06:10:01.000311', '08:10:02.004127', '11:40:31.000981']),
    nodeAtWork(NODES.prod2, prod2, ['06:10:31.002231', '09:10:30.000457']),
    nodeAtWork(NODES.staging1, staging1, ['07:10:01.001109', '10:10:01.000773']),
    podOnTheOtherCluster(prod2.session),
    ciJob(),
    janitorFunction(),
    federationBroker(),
  );
}
