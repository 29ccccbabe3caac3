import type { Reason, Status } from '../../attribution/attribution.ts';
import { type Claim, isListed, LISTED_STATUSES, type ListedStatus } from '../../claims/claim.ts';
import { claimWords } from '../../claims/next-step.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Position } from '../../ports/paging.ts';
import { type EpochMillis, formatInstant, parseInstant } from '../../time.ts';
import { CursorError } from './cursor.ts';

/** One row of `/sessions`: a claim that is not attributed. Its texts come from whoever called: show them escaped. */
export interface SessionRow {
  /** The claim's: notes about it are about `claim:<id>`. */
  readonly id: string;
  readonly status: Status;
  readonly caller: Pick<Claim['caller'], 'kind' | 'uid' | 'username' | 'sessionName' | 'accessKeyId'>;
  readonly count?: number;
  readonly first?: string;
  readonly last?: string;
  readonly reasons: readonly Reason[];
  /** Of each reason, in words. */
  readonly why: readonly string[];
  /** What to do about it, in words. */
  readonly nextStep?: string;
  /** Who its records were by, or can have been, each with the kind: `iam-user alice`. Absent where nobody is known. */
  readonly actors?: readonly string[];
  readonly clusters: readonly string[];
  readonly namespaces: readonly string[];
  /** Whether it may still be settled. */
  readonly open: boolean;
  /** Since when the claim is there: its age. */
  readonly openedAt: string;
  readonly alertedAt?: string;
}

export interface SessionsRequest {
  /** Of this status; without one the lists of all, one after the other. */
  readonly status?: ListedStatus | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionRow[];
  /** Absent after the last page. */
  readonly cursor?: string;
}

/**
 * The claims of a status, the latest first. Counts are those of settle's last pass, absent before its first.
 * @throws CursorError where the cursor is none of ours, or of another status.
 * @throws PositionError where a place in it is none of the store's.
 */
export async function listSessions(
  { status, limit, cursor }: SessionsRequest,
  claims: Claims,
): Promise<SessionsAnswer> {
  const lists = status === undefined ? LISTED_STATUSES : [status];
  const { list, position } = placeIn(lists, cursor);
  const page = await claims.list(list, { limit, position });
  const next = lists[lists.indexOf(list) + 1];
  const onward = page.position === undefined ? next && `${next}~` : `${list}~${page.position}`;
  return { sessions: page.claims.map(sessionRow), ...(onward !== undefined && { cursor: onward }) };
}

/** A cursor names the list in which it stands. */
function placeIn(
  lists: readonly ListedStatus[],
  cursor: string | undefined,
): { readonly list: ListedStatus; readonly position: Position | undefined } {
  const [, name, position] = cursor === undefined ? [] : (/^([a-z]+)~(.*)$/.exec(cursor) ?? []);
  const list = cursor === undefined ? lists[0] : lists.find((each) => each === name);
  if (list === undefined) throw new CursorError('The cursor is not one that /sessions gave out for this question.');
  return { list, position: position || undefined };
}

function sessionRow(claim: Claim): SessionRow {
  const { kind, uid, username, sessionName, accessKeyId } = claim.caller;
  const { tally, alerted, status } = claim;
  const reasons = tally?.reasons ?? [];
  const first = shownTime(tally?.first, claim.first);
  const last = shownTime(tally?.last, claim.last);
  return {
    id: claim.id,
    status,
    caller: { kind, uid, username, sessionName, accessKeyId },
    ...(tally && { count: tally.count }),
    ...(first && { first }),
    ...(last && { last }),
    reasons,
    ...(isListed(status) ? claimWords(status, { reasons }) : { why: [] }),
    ...(tally && tally.actors.length > 0 && { actors: tally.actors }),
    clusters: tally?.clusters ?? [],
    namespaces: tally?.namespaces ?? [],
    open: claim.due !== undefined,
    openedAt: formatInstant(claim.openedAt),
    ...(alerted && { alertedAt: formatInstant(alerted.at) }),
  };
}

/** As the event has it, else as the claim knows it; absent where it cannot be read, as an earlier version may have kept it. */
function shownTime(text: string | undefined, at: EpochMillis | undefined): string | undefined {
  const known = at === undefined ? undefined : formatInstant(at);
  return [text, known].find((time) => time !== undefined && parseInstant(time) !== undefined);
}
