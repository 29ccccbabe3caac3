import { parseInstant } from '../time.ts';
import { type Finding, finding } from './finding.ts';

/** The caller of a request, as the `user` of the audit event states it. */
export interface SeenCaller {
  readonly kind: string;
  readonly accessKeyId?: string | undefined;
  readonly username?: string | undefined;
  /** `requestReceivedTimestamp` as the event has it. */
  readonly time: string | undefined;
  readonly cluster: string | undefined;
}

/** The counts of one cluster: of events of AWS sessions, and of those without an access key. */
interface EventCounts {
  events: number;
  keyless: number;
  /** The time of the latest event without an access key, as the event has it. Undefined if none has a readable time. */
  latest: string | undefined;
  username: string | undefined;
}

/**
 * Counts the events of role sessions and federated users without an access key. Only the access key would prove the
 * session.
 */
export class KeylessEvents {
  readonly #clusters = new Map<string, EventCounts>();

  add({ kind, accessKeyId, username, time, cluster }: SeenCaller): void {
    if (kind !== 'role-session' && kind !== 'federated-user') return;
    const seen = this.#of(cluster ?? '');
    seen.events += 1;
    if (accessKeyId !== undefined) return;
    seen.keyless += 1;
    if (!isLater(time, seen.latest)) return;
    seen.latest = time;
    seen.username = username;
  }

  findings(): readonly Finding[] {
    return [...this.#clusters].flatMap(([cluster, seen]) =>
      seen.keyless === 0 ? [] : [keylessFinding(cluster, seen)],
    );
  }

  #of(cluster: string): EventCounts {
    const seen = this.#clusters.get(cluster) ?? { events: 0, keyless: 0, latest: undefined, username: undefined };
    this.#clusters.set(cluster, seen);
    return seen;
  }
}

function isLater(time: string | undefined, other: string | undefined): boolean {
  const at = time === undefined ? undefined : parseInstant(time);
  if (at === undefined) return false;
  return other === undefined || at > (parseInstant(other) ?? 0);
}

function keylessFinding(cluster: string, { events, keyless, latest, username }: EventCounts): Finding {
  const last = latest === undefined ? '' : `, the latest at ${latest} by ${username ?? '(no username)'}`;
  return finding('events-without-access-key', {
    subject: cluster === '' ? 'the audit log' : `cluster ${cluster}`,
    evidence: `${keyless} of ${events} events of AWS sessions have no user.extra.accessKeyId${last}.`,
    mend:
      'Past events cannot be changed. If such events are recent, upgrade the cluster to a Kubernetes version whose ' +
      'authenticator writes the key, include the session in usernames (docs/doctor.md: username-loses-session), and require the ' +
      'session name in trust policies (docs/doctor.md: trust-policy-leaves-name-free).',
  });
}
