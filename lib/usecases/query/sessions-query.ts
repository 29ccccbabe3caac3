import type { Reason, Status } from '../../attribution/attribution.ts';
import type { Claim, ListedStatus } from '../../claims/claim.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Page } from '../../ports/paging.ts';
import { type EpochMillis, formatInstant, parseInstant } from '../../time.ts';

/** One row of `/sessions`: a claim that is not attributed. Its texts come from whoever called: show them escaped. */
export interface SessionRow {
  readonly status: Status;
  readonly caller: Pick<Claim['caller'], 'kind' | 'uid' | 'username' | 'sessionName' | 'accessKeyId'>;
  readonly count?: number;
  readonly first?: string;
  readonly last?: string;
  readonly reasons: readonly Reason[];
  /** Who its records were by, or can have been, each with the kind: `iam-user alice`. Absent where nobody is known. */
  readonly actors?: readonly string[];
  readonly clusters: readonly string[];
  readonly namespaces: readonly string[];
  /** Whether it may still be settled. */
  readonly open: boolean;
  readonly alertedAt?: string;
}

/** The claims of a status, the latest first. Counts are those of settle's last pass, absent before its first. */
export async function listSessions(
  status: ListedStatus,
  page: Page,
  claims: Claims,
): Promise<{ readonly sessions: readonly SessionRow[]; readonly cursor?: string }> {
  const { claims: found, position } = await claims.list(status, page);
  return { sessions: found.map(sessionRow), ...(position !== undefined && { cursor: position }) };
}

function sessionRow(claim: Claim): SessionRow {
  const { kind, uid, username, sessionName, accessKeyId } = claim.caller;
  const { tally, alerted, status } = claim;
  const first = shownTime(tally?.first, claim.first);
  const last = shownTime(tally?.last, claim.last);
  return {
    status,
    caller: { kind, uid, username, sessionName, accessKeyId },
    ...(tally && { count: tally.count }),
    ...(first && { first }),
    ...(last && { last }),
    reasons: tally?.reasons ?? [],
    ...(tally && tally.actors.length > 0 && { actors: tally.actors }),
    clusters: tally?.clusters ?? [],
    namespaces: tally?.namespaces ?? [],
    open: claim.due !== undefined,
    ...(alerted && { alertedAt: formatInstant(alerted.at) }),
  };
}

/** As the event has it, else as the claim knows it; absent where it cannot be read, as an earlier version may have kept it. */
function shownTime(text: string | undefined, at: EpochMillis | undefined): string | undefined {
  const known = at === undefined ? undefined : formatInstant(at);
  return [text, known].find((time) => time !== undefined && parseInstant(time) !== undefined);
}
