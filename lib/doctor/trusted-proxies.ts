import { awsStaffOf } from '../identity/aws-staff.ts';
import { parseTrustedProxy, TrustedProxyError } from '../identity/trusted-proxy.ts';
import { type AwsUid, parseUid } from '../identity/uid.ts';
import { type Impersonation, together } from './impersonation.ts';
import { knownProxy } from './known-proxies.ts';

/** Who acts in the name of people, and what it would mean to believe the names. Quotes outside data: show it escaped. */
export interface Impersonator {
  readonly caller: string;
  /** The program that it looks like. */
  readonly tool?: string;
  /** As `--trusted-proxy` and `trustedProxies` take it; absent where it cannot be trusted. */
  readonly proxy?: string;
  /** Whether it is a program by its nature, a service account; all others can be people who use `kubectl --as`. */
  readonly proposed: boolean;
  /** Audit events, as they were delivered: a request can be several. */
  readonly events: number;
  readonly names: readonly string[];
  /** Whether it named others too. */
  readonly more: boolean;
  readonly clusters: readonly string[];
  /** What trusting it means, or why it cannot be: sentences. */
  readonly means: string;
}

/** What the service can be told of a caller. */
type Standing = Pick<Impersonator, 'caller' | 'tool' | 'proxy' | 'proposed' | 'means'>;

/** Each caller once, Rancher's many service accounts as one; proposed ones first, then by how often they were seen. */
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

/** What to configure, ready to be pasted: each once. Nothing of it is trusted until somebody configures it. */
export function proposedProxies(found: readonly Impersonator[]): readonly string[] {
  return found.flatMap(({ proposed, proxy }) => (proposed && proxy !== undefined ? [proxy] : []));
}

function standingOf(one: Impersonation): Standing {
  const identity = parseUid(one.uid);
  if (identity !== undefined) return ofAws(one, identity);
  const { username } = one;
  if (username === undefined) return { caller: one.uid ?? '(nobody)', proposed: false, means: NO_NAME };
  if (username.startsWith('system:serviceaccount:')) return ofServiceAccount(username, one.marks);
  if (/^(?:system|eks):/.test(username)) return ofComponent(username);
  return { caller: username, ...asProxy(username), proposed: false, means: OF_USER };
}

const NO_NAME = 'It bears no username, and cannot be trusted.';
const OF_USER =
  'It may be a person who uses kubectl --as, and could then name anybody: trust it only where it is a program.';
const OF_ROLE =
  'Whoever has a session of the role could name anybody, people who use kubectl --as among them: trust it only where nobody but a proxy comes in by the role.';
const ROLE_NOT_STATED = 'Its audit events do not say which role it is of: without that it cannot be trusted.';
const OF_OTHER_IDENTITY =
  'An IAM user, a federated user or the root user cannot be a trusted proxy: give the program a role of its own.';

function ofAws({ username, uid, roleArn }: Impersonation, identity: AwsUid): Standing {
  const caller = roleArn ?? username ?? uid ?? '';
  if (identity.kind === 'administrative') return ofComponent(identity.username);
  if (identity.kind !== 'role') return { caller, proposed: false, means: OF_OTHER_IDENTITY };
  if (roleArn === undefined) return { caller, proposed: false, means: ROLE_NOT_STATED };
  return { caller, ...asProxy(roleArn), proposed: false, means: OF_ROLE };
}

function ofComponent(username: string): Standing {
  const staff = awsStaffOf(username);
  const caller = staff === undefined ? username : `${username} (${staff})`;
  return { caller, proposed: false, means: "It is the cluster's or AWS's own, no proxy that people come in by." };
}

function ofServiceAccount(username: string, marks: readonly string[]): Standing {
  const { tool, pattern, says } = knownProxy(username, marks) ?? {};
  const own = pattern === undefined ? asProxy(username) : { proxy: pattern };
  const controlled = tool ?? 'what runs there';
  const accounts = pattern === undefined ? 'with its service account' : 'with one of its service accounts';
  const risk = `Whoever controls ${controlled}, or may create pods ${accounts}, can name anybody.`;
  const unknown = tool === undefined ? ['doctor does not know what it is: find out first.'] : [];
  return {
    caller: pattern ?? username,
    ...(tool !== undefined && { tool }),
    ...own,
    proposed: own.proxy !== undefined,
    means: [risk, ...unknown, ...(says === undefined ? [] : [says])].join(' '),
  };
}

/** Nothing for what would be read otherwise: a name with `*` in it as a pattern. */
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
