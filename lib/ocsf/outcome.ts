import type { Attribution, Flag } from '../attribution/attribution.ts';
import type { AuditRecord } from '../attribution/record.ts';
import type { KeptAttribution } from '../claims/kept-record.ts';
import { present } from '../json.ts';
import type { ApiActivity } from './event.ts';

type Severity = Pick<ApiActivity, 'severity' | 'severity_id'>;

/** Somebody used what is not a person's, bears another's name, may have signed in as anybody, or came in as nobody. */
const DECEIVING: ReadonlySet<Flag> = new Set<Flag>([
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'anonymous-access',
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
  'identity-provider-changed',
  'foreign-identity-store',
]);

/** How much the attribution, not the request, is worth a look. */
export function severityOf({ status, reason, flags }: Attribution): Severity {
  if (reason === 'access-key-contradicts-session' || flags.some((flag) => DECEIVING.has(flag))) {
    return { severity: 'Medium', severity_id: 3 };
  }
  if (status === 'unattributed' || status === 'ambiguous' || reason === 'acts-by-delegation')
    return { severity: 'Low', severity_id: 2 };
  return { severity: 'Informational', severity_id: 1 };
}

type Outcome = Pick<ApiActivity, 'status' | 'status_id' | 'status_code' | 'status_detail'>;

/** The request's outcome; `status_detail` says why the event names nobody, where it does not. */
export function outcomeOf({ response, stage, attribution }: AuditRecord): Outcome {
  const code = response?.code;
  const status_code = code === undefined ? undefined : String(code);
  return present<Outcome>({ ...statusOf(code, stage), status_code, status_detail: whyNobody(attribution) });
}

function statusOf(code: number | undefined, stage: string | undefined): Pick<Outcome, 'status' | 'status_id'> {
  if (stage === 'Panic' || (code !== undefined && code >= 400)) return { status: 'Failure', status_id: 2 };
  return code === undefined ? { status: 'Unknown', status_id: 0 } : { status: 'Success', status_id: 1 };
}

function whyNobody(attribution: KeptAttribution): string | undefined {
  switch (attribution.status) {
    case 'attributed':
      return undefined;
    case 'ambiguous':
      return `ambiguous: ${attribution.candidates.length + (attribution.candidatesLeftOut ?? 0)} could be meant`;
    case 'pending':
      return 'pending: grants may still come';
    case 'system':
      return "system: no person's IAM session";
    default:
      return `${attribution.status}: ${attribution.reason}`;
  }
}
