import type { AuditRecord } from '../../attribution/record.ts';
import { isRole, type RecordedRole, roleOfRecord } from '../../attribution/role-of-record.ts';
import { assumedRoleRef, pathlessRoleArn, roleRef } from '../../identity/arn.ts';
import { millisOf } from '../activity/requests.ts';

/** So many are told apart. */
const MOST_ROLES = 100;

interface UsedRole {
  /** By ARN, with the role's path where a grant tells it; else by id. */
  readonly role: string;
  readonly roleId: string | undefined;
  readonly requests: number;
  /** In milliseconds, of the earliest request whose time can be read. */
  readonly first: number;
}

/** The roles that somebody used in clusters, as requests come in whatever order: bounded, however many they are. */
export class UsedRolesGathering {
  readonly #roles = new Map<string, UsedRole>();

  add(record: AuditRecord): void {
    const found = roleOfRecord(record);
    const role = found && textOf(found);
    if (found === undefined || role === undefined) return;
    const { roleId } = found;
    const key = roleId ?? role;
    const known = this.#roles.get(key);
    if (known === undefined && this.#roles.size >= MOST_ROLES) return;
    this.#roles.set(key, {
      role: known === undefined ? role : fuller(known.role, role),
      roleId,
      requests: (known?.requests ?? 0) + 1,
      first: Math.min(known?.first ?? Number.MAX_VALUE, millisOf(record.time) ?? Number.MAX_VALUE),
    });
  }

  /** Those that are none of these, by ARN, id or name: the most used first, of equals the one that was used first. */
  but(known: readonly string[]): readonly string[] {
    const isKnown = ({ roleId, role }: UsedRole) => known.some((each) => isRole({ roleId, arns: [role] }, each));
    const others = [...this.#roles.values()].filter((each) => !isKnown(each));
    return others.sort(mostUsedFirst).map(({ role }) => role);
  }
}

function mostUsedFirst(a: UsedRole, b: UsedRole): number {
  return b.requests - a.requests || a.first - b.first || (a.role < b.role ? -1 : 1);
}

/** A session's ARN is its role's without a path. */
function textOf({ roleId, arns }: RecordedRole): string | undefined {
  const granted = arns.find((arn) => roleRef(arn) !== undefined);
  const [of] = arns.flatMap((arn) => {
    const session = assumedRoleRef(arn);
    return session === undefined ? [] : pathlessRoleArn(session, arn);
  });
  return granted ?? of ?? roleId;
}

/** What tells more of the role: an ARN is longer than an id, and longer with a path. */
function fuller(a: string, b: string): string {
  if (a.length === b.length) return a < b ? a : b;
  return a.length > b.length ? a : b;
}
