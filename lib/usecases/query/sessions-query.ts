import type { Reason, Status } from '../../attribution/reasons.ts';
import { claimWords } from '../../claims/alert-cause.ts';
import { type Claim, isListed } from '../../claims/claim.ts';
import type { Claims } from '../../ports/claims.ts';
import { type EpochMillis, formatInstant, parseInstant } from '../../time.ts';
import type { ToldNote } from '../notes/notes.ts';
import { type ClaimsRequest, claimsPage } from './claims-page.ts';

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
  /** The newest notes about it, where they are asked for. */
  readonly notes?: readonly ToldNote[];
}

export interface SessionsRequest extends ClaimsRequest {
  /** Each row with its notes: a request to the table for each. */
  readonly hasNotes?: boolean;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionRow[];
  /** Absent after the last page. */
  readonly cursor?: string;
}

/**
 * The claims of a status, the latest first, then those that moved while pages were read. Counts are those of settle's last pass,
 * absent before its first.
 * @throws CursorError where the cursor is none of ours, or of another status.
 * @throws PositionError where a place in it is none of the store's.
 */
export async function listSessions(request: SessionsRequest, claims: Claims): Promise<SessionsAnswer> {
  const page = await claimsPage(request, claims);
  return { sessions: page.claims.map(sessionRow), ...(page.cursor !== undefined && { cursor: page.cursor }) };
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
