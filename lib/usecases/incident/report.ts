import type { Actor } from '../../attribution/actor.ts';
import type { Attribution, ChainLink, ShowingUse, UseLink } from '../../attribution/attribution.ts';
import type { DigestReport } from '../../cloudtrail/digest-check.ts';
import type { Activity, Callers, SessionUse } from '../activity/activity.ts';
import type { RequestDetails } from '../query/anything/request-details.ts';

/**
 * What is told of one incident, for a ticket (docs/incident.md). Its texts come from whoever called: show them escaped.
 * Times are RFC 3339 in UTC, those of audit events as written.
 */
export interface IncidentReport {
  /** What the pasted text was taken for, and whom it says to ask about. */
  readonly recognised: { readonly as: string; readonly subject: string; readonly notes: readonly string[] };
  /** What the request was, as far as the text or its record tells it. */
  readonly request?: RequestDetails | undefined;
  /** Absent where nothing is known of it, and nothing says when it was. */
  readonly window?: { readonly from: string; readonly to: string } | undefined;
  /** The one who is behind it; absent where several can be meant, or nobody is known. */
  readonly who?: Actor | undefined;
  /** One for each who is, or can be, behind it. */
  readonly sections: readonly Section[];
  /** How many more can be meant than have a section. */
  readonly sectionsLeft: number;
  /** What nothing is known of, in sentences. */
  readonly unknown: readonly string[];
  /**
   * Of each role that those of the sections used in the window, that of the incident first, then the most used. Absent where
   * no audit log was at hand, so that nothing is known of what was done.
   */
  readonly others?: readonly OthersOnRole[] | undefined;
  /** Roles that they used besides, too many to look at who else did; as a number. Absent as `others`. */
  readonly othersLeft?: number | undefined;
  /** Requests of the window by whom nobody could name, or one of several. Absent as `others`. */
  readonly unnamed?: Callers | undefined;
  readonly next: readonly Step[];
  /** What CloudTrail's digest files say of the files that were read; absent where there were none. */
  readonly digests?: DigestReport | undefined;
}

/** How somebody stands to the incident: is behind it, may be, is a session of nobody known, or the cluster itself. */
export type Standing = 'actor' | 'candidate' | 'session' | 'system';

export interface Section {
  readonly standing: Standing;
  readonly actor?: Actor | undefined;
  /** `AROA…:<name>`, or an access key id, where nobody is known. */
  readonly session?: string | undefined;
  readonly attribution: Attribution;
  /** From the actor to the session that the cluster saw. */
  readonly chain: readonly ChainLink[];
  /** The use of the key that says who it is, where that is the evidence. */
  readonly use?: UseLink | undefined;
  /** Those that show what no grant of the chain does. */
  readonly uses?: readonly ShowingUse[] | undefined;
  /** The role that the cluster saw, by ARN or id. */
  readonly role?: string | undefined;
  /** Present only if an anonymous caller was let in (flag `anonymous-access`). */
  readonly anonymous?: AnonymousSource | undefined;
  /** In the window, the latest first. */
  readonly sessions: readonly SessionUse[];
  readonly sessionsLeft: number;
  /** What of the sessions was not looked through, as a sentence. */
  readonly sessionsNote?: string | undefined;
  /** Absent where no audit log was at hand. */
  readonly activity?: Activity | undefined;
}

/** Where an anonymous caller was let in, and from where: nothing else is known of them. */
export interface AnonymousSource {
  readonly cluster?: string | undefined;
  /** The source IP that the client did not write. */
  readonly ip?: string | undefined;
  /** `authorization.reason` of the request: it names the binding. */
  readonly reason?: string | undefined;
}

/** Who else used a role in the window. */
export interface OthersOnRole extends Callers {
  readonly role: string;
}

/** What can be done next: which session to end, and how. */
export interface Step {
  readonly title: string;
  /** For a shell; what only the reader knows stands in capitals. */
  readonly command?: string | undefined;
  readonly does: string;
  /** What it leaves, and whom else it hits. */
  readonly beware: string;
  readonly source: string;
}
