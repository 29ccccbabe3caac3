import { assumedRoleRef, pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { awsStaffOf } from '../identity/aws-staff.ts';
import { parseTrustedProxy, TrustedProxyError } from '../identity/trusted-proxy.ts';
import { type AwsUid, parseUid } from '../identity/uid.ts';
import { filledTextAt, type JsonObject, objectAt } from '../json.ts';

/**
 * A caller that acts in the name of people, and what it means to trust it. It quotes data from outside, so escape it
 * before display.
 */
export interface Impersonator {
  readonly caller: string;
  /** The program that the caller seems to be. */
  readonly tool?: string;
  /** The value for `--trusted-proxy` and `trustedProxies`. Absent if the caller cannot be trusted. */
  readonly proxy?: string;
  /** Whether it is a service account, and so a program. Other callers can be people with `kubectl --as`. */
  readonly proposed: boolean;
  /** The number of delivered audit events. One request can have several. */
  readonly events: number;
  readonly names: readonly string[];
  /** Whether it acted for others than `names` too. */
  readonly more: boolean;
  readonly clusters: readonly string[];
  /** Sentences that say what it means to trust the proxy, or why it cannot be trusted. */
  readonly means: string;
}

/** The parts of an impersonator that only depend on who it is. */
type Standing = Pick<Impersonator, 'caller' | 'tool' | 'proxy' | 'proposed' | 'means'>;

/**
 * Groups impersonations by caller. Rancher's many service accounts count as one. Proposed proxies come first, then
 * those with the most events.
 */
export function impersonators(found: readonly Impersonation[]): readonly Impersonator[] {
  const byCaller = Map.groupBy(found, (one) => {
    const { caller, proxy } = standingOf(one);
    return proxy ?? caller;
  });
  return [...byCaller.values()]
    .flatMap(([first, ...others]) => (first === undefined ? [] : [impersonator(first, others)]))
    .toSorted((a, b) => Number(b.proposed) - Number(a.proposed) || b.events - a.events);
}

function impersonator(first: Impersonation, others: readonly Impersonation[]): Impersonator {
  const all = others.reduce(together, first);
  const clusters = [first, ...others].flatMap(({ cluster }) => cluster ?? []);
  const { events, names, more } = all;
  return { ...standingOf(all), events, names, more, clusters: [...new Set(clusters)] };
}

/** Returns the values for the configuration, each once. None of them is trusted until somebody configures it. */
export function proposedProxies(found: readonly Impersonator[]): readonly string[] {
  return found.flatMap(({ proposed, proxy }) => (proposed && proxy !== undefined ? [proxy] : []));
}

function standingOf(one: Impersonation): Standing {
  const identity = parseUid(one.uid);
  if (identity !== undefined) return standingOfAwsIdentity(one, identity);
  const { username } = one;
  if (username === undefined) return { caller: one.uid ?? '(no username)', proposed: false, means: NO_NAME };
  if (username.startsWith('system:serviceaccount:')) return standingOfServiceAccount(username, one.marks);
  if (/^(?:system|eks):/.test(username)) return standingOfComponent(username);
  return { caller: username, ...asProxy(username), proposed: false, means: OF_USER };
}

const NO_NAME = 'It has no username, so it cannot be trusted.';
const OF_USER =
  'It may be a person who uses kubectl --as, who could then act under any name. Trust it only if it is a program.';
const OF_ROLE =
  'Anyone with a session of the role could act under any name, for example with kubectl --as. Trust it only if nobody but a proxy uses the role.';
const ROLE_NOT_STATED = 'Its audit events do not state its role. Without the role it cannot be trusted.';
const OF_OTHER_IDENTITY =
  'An IAM user, a federated user or the root user cannot be a trusted proxy. Give the program a role of its own.';

function standingOfAwsIdentity({ username, uid, roleArn }: Impersonation, identity: AwsUid): Standing {
  const caller = roleArn ?? username ?? uid ?? '';
  if (identity.kind === 'administrative') return standingOfComponent(identity.username);
  if (identity.kind !== 'role') return { caller, proposed: false, means: OF_OTHER_IDENTITY };
  if (roleArn === undefined) return { caller, proposed: false, means: ROLE_NOT_STATED };
  return { caller, ...asProxy(roleArn), proposed: false, means: OF_ROLE };
}

function standingOfComponent(username: string): Standing {
  const staff = awsStaffOf(username);
  const caller = staff === undefined ? username : `${username} (${staff})`;
  return { caller, proposed: false, means: 'It is a component of the cluster or of AWS, not a proxy for people.' };
}

function standingOfServiceAccount(username: string, marks: readonly string[]): Standing {
  const { tool, pattern, says } = knownProxy(username, marks) ?? {};
  const own = pattern === undefined ? asProxy(username) : { proxy: pattern };
  const controlled = tool ?? 'the program that runs there';
  const accounts = pattern === undefined ? 'with its service account' : 'with one of its service accounts';
  const risk = `Whoever controls ${controlled}, or may create pods ${accounts}, can act under any name.`;
  const unknown = tool === undefined ? ['doctor does not recognize this program. Find out first what it is.'] : [];
  return {
    caller: pattern ?? username,
    ...(tool !== undefined && { tool }),
    ...own,
    proposed: own.proxy !== undefined,
    means: [risk, ...unknown, ...(says === undefined ? [] : [says])].join(' '),
  };
}

/**
 * Returns the proxy, or none if the name would be parsed as something else. A name with `*`, for example, would be a
 * pattern.
 */
function asProxy(source: string): { readonly proxy?: string } {
  if (source.includes('*')) return {};
  try {
    parseTrustedProxy(source);
    return { proxy: source };
  } catch (error) {
    if (error instanceof TrustedProxyError) return {};
    throw error;
  }
}

/** A program that people use to reach a cluster, with the traces that it leaves in the audit log. */
interface KnownProxy {
  readonly tool: string;
  /** Matches the service account, unless the installation renamed it. */
  readonly username: RegExp;
  /** A key of `impersonatedUser.extra`, in lower case, that only this program writes. */
  readonly mark?: string;
  /** The pattern of all its service accounts, if it has one for each person. */
  readonly pattern?: string;
  /** A sentence that says how it names people. */
  readonly says?: string;
}

/**
 * Sources: public code and documentation. None of these programs was seen in an EKS audit log.
 * - Rancher: rancher/rancher pkg/impersonation (`ImpersonationNamespace`, `ImpersonationPrefix` and the user's ID);
 * extra
 *   `username` and `principalid`, which are too common to be marks.
 * - Pinniped: pkg.go.dev/go.pinniped.dev/internal/concierge/impersonator (a service account of its own in the
 * concierge's
 *   namespace; the extra key is written where its user impersonates in turn), deploy/concierge for the names.
 * - kube-oidc-proxy: jetstack/kube-oidc-proxy and its successors, README "Impersonation" (the same).
 * - Tailscale: tailscale/tailscale cmd/k8s-operator (`operator`, and `kube-apiserver-auth-proxy` of a ProxyGroup);
 *   tailscale.com/docs/kubernetes-operator/api-server-access/auth-and-rbac for the names.
 * - Teleport: gravitational/teleport examples/chart/teleport-kube-agent (the service account has the release's name);
 *   teleport#28204 for `--as`. It adds no key.
 * - GitLab's agent: docs.gitlab.com, "Using GitLab CI/CD with a Kubernetes cluster", "Use impersonation".
 */
const KNOWN_PROXIES: readonly KnownProxy[] = [
  {
    tool: 'Rancher',
    username: /^system:serviceaccount:cattle-impersonation-system:cattle-impersonation-[^:]+$/,
    pattern: 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*',
    says: "It identifies users by Rancher's IDs (u-…).",
  },
  {
    tool: "Pinniped's concierge",
    username: /^system:serviceaccount:(?:[^:]*pinniped[^:]*:[^:]+|[^:]+:[^:]*pinniped[^:]*)$/,
    mark: 'original-user-info.impersonation-proxy.concierge.pinniped.dev',
  },
  {
    tool: 'kube-oidc-proxy',
    username: /^system:serviceaccount:[^:]+:[^:]*kube-oidc-proxy[^:]*$/,
    mark: 'originaluser.jetstack.io-user',
  },
  {
    tool: "Tailscale's operator",
    username: /^system:serviceaccount:(?:[^:]*tailscale[^:]*:operator|[^:]+:kube-apiserver-auth-proxy)$/,
    says: 'It identifies people by their login, and tagged devices by the name of the node.',
  },
  {
    tool: 'Teleport',
    username: /^system:serviceaccount:(?:[^:]*teleport[^:]*:[^:]+|[^:]+:[^:]*teleport[^:]*)$/,
    says: 'Its users choose a name with --as among the names that their roles allow. Allow each person only one.',
  },
  {
    tool: "GitLab's agent",
    username: /^system:serviceaccount:(?:[^:]*gitlab-agent[^:]*:[^:]+|[^:]+:[^:]*gitlab-agent[^:]*)$/,
    mark: 'agent.gitlab.com/id',
    says: 'It also acts for CI jobs (gitlab:ci_job:…), which are not people.',
  },
];

const MARKS: readonly string[] = KNOWN_PROXIES.flatMap(({ mark }) => mark ?? []);

/** Returns the program of a service account, by its name or else by its marks. Undefined if it is not known. */
function knownProxy(username: string, marks: readonly string[]): KnownProxy | undefined {
  return (
    KNOWN_PROXIES.find((known) => known.username.test(username)) ??
    KNOWN_PROXIES.find(({ mark }) => mark !== undefined && marks.includes(mark))
  );
}

/**
 * The audit events that one caller made in the name of people. Trust: the API server authenticated only the caller, who
 * chooses names and marks.
 */
export interface Impersonation {
  readonly username: string | undefined;
  readonly uid: string | undefined;
  /** The ARN of the role without its path. Undefined if the event states no role. */
  readonly roleArn: string | undefined;
  readonly cluster: string | undefined;
  readonly events: number;
  /** The names that it acted under, up to a limit. */
  readonly names: readonly string[];
  /** Whether there were other names too. */
  readonly more: boolean;
  /** The marks of known proxies that the events have. */
  readonly marks: readonly string[];
}

/** Limits the names that are kept for each caller. */
const MOST_NAMES = 3;

/**
 * Returns the impersonation that an audit event states. Undefined if there is none, or if a component is impersonated
 * (`system:…`). The API server writes `impersonatedUser` only if it allowed the impersonation. Source:
 * k8s.io/apiserver, pkg/endpoints/filters/impersonation.go, where `audit.LogImpersonatedUser` comes after the
 * authorizer.
 */
export function impersonationOf(event: JsonObject, cluster: string | undefined): Impersonation | undefined {
  const [user, impersonated] = [objectAt(event, 'user'), objectAt(event, 'impersonatedUser')];
  const name = filledTextAt(impersonated, 'username');
  if (user === undefined || name === undefined || name.startsWith('system:')) return undefined;
  const keys = Object.keys(objectAt(impersonated, 'extra') ?? {}).map((key) => key.toLowerCase());
  return {
    username: filledTextAt(user, 'username'),
    uid: filledTextAt(user, 'uid'),
    roleArn: roleOf(objectAt(user, 'extra')),
    cluster,
    events: 1,
    names: [name],
    more: false,
    marks: MARKS.filter((mark) => keys.includes(mark)),
  };
}

function roleOf(extra: JsonObject | undefined): string | undefined {
  const texts = Object.entries(extra ?? {}).flatMap(([key, value]) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return /^(?:canonicalArn|arn)$/i.test(key) && typeof first === 'string' ? [first] : [];
  });
  return texts.flatMap((arn) => roleArnOf(arn) ?? [])[0];
}

/** Returns the ARN of the role without its path, from the ARN of a role or of its session. */
function roleArnOf(arn: string): string | undefined {
  const role = roleRef(arn) ?? assumedRoleRef(arn);
  return role && pathlessRoleArn(role);
}

/** Adds up impersonations by caller and cluster. Memory grows only with the number of callers. */
export class Impersonations {
  readonly #found = new Map<string, Impersonation>();

  add(one: Impersonation | undefined): void {
    if (one === undefined) return;
    const key = JSON.stringify([one.username, one.roleArn ?? one.uid, one.cluster]);
    const before = this.#found.get(key);
    this.#found.set(key, before === undefined ? one : together(before, one));
  }

  all(): readonly Impersonation[] {
    return [...this.#found.values()];
  }
}

function together(one: Impersonation, other: Impersonation): Impersonation {
  const names = [...new Set([...one.names, ...other.names])];
  return {
    ...one,
    events: one.events + other.events,
    names: names.slice(0, MOST_NAMES),
    more: one.more || other.more || names.length > MOST_NAMES,
    marks: [...new Set([...one.marks, ...other.marks])],
  };
}

/** Limits the groups in the result of a Logs Insights query (CloudWatch Logs quotas, "Logs Insights results"). */
const MOST_GROUPS = 10_000;

const marked = MARKS.map((mark, index) => `max(strcontains(@message, "${mark}")) as mark${index}`).join(', ');

/**
 * A Logs Insights query for requests in the name of people, grouped by caller. It searches for marks in the whole
 * message, including bodies. Marks only suggest which program it is, and are no reason to trust it.
 */
export const IMPERSONATIONS = `filter @logStream like /^kube-apiserver-audit/ and ispresent(impersonatedUser.username) and impersonatedUser.username not like /^system:/ | stats count(*) as events, count_distinct(impersonatedUser.username) as names, latest(impersonatedUser.username) as name, ${marked} by user.username, user.uid, user.extra.canonicalArn.0 | limit ${MOST_GROUPS}`;

/** Parses one row of the query's result, which has its values by field. */
export function readImpersonation(row: ReadonlyMap<string, string>, cluster: string): Impersonation {
  const text = (field: string) => row.get(field) || undefined;
  const arn = text('user.extra.canonicalArn.0');
  const name = text('name');
  return {
    username: text('user.username'),
    uid: text('user.uid'),
    roleArn: arn && roleArnOf(arn),
    cluster,
    events: Number(text('events') ?? 0),
    names: name === undefined ? [] : [name],
    more: Number(text('names') ?? 0) > 1,
    marks: MARKS.filter((_, index) => text(`mark${index}`) === '1'),
  };
}
