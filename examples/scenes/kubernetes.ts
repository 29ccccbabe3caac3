import { ask, type KubernetesUser, type Request, serviceAccount } from '../audit.ts';
import { ACCOUNTS, type Cluster, PROD, STAGING } from '../company.ts';
import { accessKeyId, principalId, seeded } from '../random.ts';
import { type At, does, type Scene, type StoryEvent, SYSTEM, together } from '../story.ts';

/**
 * Scenes with callers that IAM does not know: people of another authenticator, service accounts, and the cluster
 * itself.
 */

/** Returns a person whom the cluster's own OIDC provider names. CloudTrail has nothing about them. */
function lenaByOidc(): Scene {
  const username = 'oidc:lena.novak@example.com';
  const lena: At = {
    cluster: PROD,
    user: { username, groups: ['oidc:platform', 'system:authenticated'] },
    ips: ['203.0.113.41'],
    answer: { status: 'attributed', method: 'direct', actorKind: 'kubernetes-user', actorName: username },
    shows: "a user of the cluster's OIDC provider",
  };
  return {
    trail: [],
    events: [
      does(lena, '10:05:19.383940', ask('list', 'pods', 'reports')),
      does(lena, '10:06:44.414243', ask('get', 'pods/report-runner-0/log', 'reports')),
    ],
  };
}

/**
 * Returns a service account that acts for people. It is known which service account it was, and whom it impersonated.
 */
function argoForAPerson(): Scene {
  const argo: At = {
    cluster: PROD,
    user: serviceAccount('argocd', 'argocd-application-controller', 'argocd-application-controller-0'),
    ips: ['192.0.2.102'],
    userAgent: 'argocd-application-controller/v3.0.6',
    answer: {
      status: 'partial',
      method: 'direct',
      reason: 'acts-for-impersonated-user',
      actorKind: 'kubernetes-service-account',
      actorName: 'argocd:argocd-application-controller',
      flags: ['impersonation'],
    },
    shows: 'a service account acting for an impersonated person',
  };
  const impersonated = { username: 'release-manager@example.com', groups: ['releases', 'system:authenticated'] };
  return {
    trail: [],
    events: [
      does(argo, '14:25:03.444546', ask('patch', 'applications/shop', 'argocd'), { impersonated }),
      does(argo, '14:25:04.474849', ask('patch', 'deployments/orders-api', 'orders'), { impersonated }),
    ],
  };
}

/** One of the cluster's own callers, and what it does all day. */
interface Regular {
  readonly user: KubernetesUser;
  readonly ips: readonly string[];
  readonly userAgent: string;
  readonly request: Request;
  readonly shows: string;
  readonly code?: number;
}

function controlPlane(cluster: Cluster): Regular[] {
  const ips = ['192.0.2.10'];
  const of = (name: string, groups: string[] = []) => ({ username: name, groups: [...groups, 'system:authenticated'] });
  const lease = (name: string) => ask('update', `leases/${name}`, 'kube-system', '?timeout=5s');
  const addonManager: KubernetesUser = {
    ...of('eks:addon-manager'),
    uid: `aws-iam-authenticator:${ACCOUNTS.awsOwned}:${principalId('AROA', 'eks addon manager')}`,
    extra: { accessKeyId: [accessKeyId('ASIA', `addon manager of ${cluster.name}`)] },
  };
  const shows = 'the control plane';
  return [
    {
      user: of('system:kube-controller-manager'),
      ips,
      userAgent: 'kube-controller-manager/v1.33.1 (linux/amd64) kubernetes/1a1b2c3/leader-election',
      request: lease('kube-controller-manager'),
      shows,
    },
    {
      user: of('system:kube-scheduler'),
      ips,
      userAgent: 'kube-scheduler/v1.33.1 (linux/amd64) kubernetes/1a1b2c3/leader-election',
      request: lease('kube-scheduler'),
      shows,
    },
    {
      user: of('system:apiserver', ['system:masters']),
      ips: ['::1'],
      userAgent: 'kube-apiserver/v1.33.1 (linux/amd64) kubernetes/1a1b2c3',
      request: ask('list', 'clusterroles'),
      shows,
    },
    {
      user: of('eks:k8s-metrics'),
      ips: ['192.0.2.11'],
      userAgent: 'eks-k8s-metrics/v0.0.0 (linux/amd64) kubernetes/$Format',
      request: ask('list', 'deployments', 'kube-system'),
      shows: 'EKS itself, without a uid',
    },
    {
      user: addonManager,
      ips: ['192.0.2.12'],
      userAgent: 'Go-http-client/1.1',
      request: ask('patch', 'daemonsets/kube-proxy', 'kube-system', '?fieldManager=eks&force=true'),
      shows: "EKS itself, with a role of AWS's own account",
    },
  ];
}

function insideTheCluster(): Regular[] {
  return [
    {
      user: serviceAccount('kube-system', 'coredns', 'coredns-5d8f6b9c47-h2w9q'),
      ips: ['192.0.2.101'],
      userAgent: 'Go-http-client/2.0',
      request: ask('watch', 'endpointslices', undefined, '?allowWatchBookmarks=true&watch=true'),
      shows: 'a service account',
    },
    {
      user: serviceAccount('kube-system', 'aws-node', 'aws-node-4xk8z'),
      ips: ['192.0.2.102'],
      userAgent: 'aws-k8s-agent/v1.20.0 (linux/amd64)',
      request: ask('list', 'nodes'),
      shows: 'a service account',
    },
    {
      user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      ips: ['198.51.100.211'],
      userAgent: 'python-requests/2.32.4',
      request: {
        verb: 'get',
        uri: '/api/v1/namespaces/default/secrets',
        object: { resource: 'secrets', namespace: 'default', apiVersion: 'v1' },
      },
      code: 403,
      shows: 'a scanner from the internet, refused',
    },
    {
      user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      ips: ['192.0.2.13'],
      userAgent: 'ELB-HealthChecker/2.0',
      request: { verb: 'get', uri: '/readyz' },
      shows: 'a health check',
    },
  ];
}

const HOURS = [1, 4, 7, 12, 15, 18, 22];
const SYSTEM_RBAC =
  'RBAC: allowed by ClusterRoleBinding "system:basic" of ClusterRole "system:basic" to Group "system:authenticated"';

/** Returns the requests of each of them in turn, at hours that differ between the two clusters. */
function allDay(cluster: Cluster, regulars: readonly Regular[]): StoryEvent[] {
  const next = seeded(`noise of ${cluster.name}`);
  const events = HOURS.flatMap((hour) =>
    regulars.map((regular, turn): StoryEvent | undefined => {
      const fraction = String(Math.floor(next() * 1_000_000)).padStart(6, '0');
      const minute = String(Math.floor(next() * 60)).padStart(2, '0');
      if ((hour + turn) % 2 === (cluster === PROD ? 0 : 1)) return undefined;
      const at = `${String(hour).padStart(2, '0')}:${minute}:${String(turn * 6).padStart(2, '0')}.${fraction}`;
      const { user, ips, userAgent, request, shows, code = 200 } = regular;
      return does({ cluster, user, ips, userAgent, answer: SYSTEM, shows }, at, request, { code, reason: SYSTEM_RBAC });
    }),
  );
  return events.filter((each) => each !== undefined);
}

export function kubernetes(): Scene {
  const noise = [PROD, STAGING].flatMap((cluster) =>
    allDay(cluster, [...controlPlane(cluster), ...insideTheCluster()]),
  );
  return together(lenaByOidc(), argoForAPerson(), { trail: [], events: noise });
}
