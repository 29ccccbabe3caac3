import type { Attribution } from '../attribution/attribution.ts';
import { FLAG_ROWS } from '../attribution/flags.ts';
import { REASON_ROWS } from '../attribution/reasons.ts';
import type { AuditRecord } from '../attribution/record.ts';
import type { KeptAttribution } from '../claims/kept-record.ts';
import { present } from '../json.ts';
import type { ApiActivity } from './event.ts';

type Severity = Pick<ApiActivity, 'severity' | 'severity_id'>;

/** Returns how important it is that somebody looks at the attribution. It does not depend on the request itself. */
export function severityOf({ status, reason, flags }: Attribution): Severity {
  const weight = reason && REASON_ROWS[reason].weight;
  if (weight === 'grave' || flags.some((flag) => FLAG_ROWS[flag].alert === 'grave')) {
    return { severity: 'Medium', severity_id: 3 };
  }
  if (status === 'unattributed' || status === 'ambiguous' || weight === 'notable')
    return { severity: 'Low', severity_id: 2 };
  return { severity: 'Informational', severity_id: 1 };
}

type Outcome = Pick<ApiActivity, 'status' | 'status_id' | 'status_code' | 'status_detail'>;

/** Returns the outcome of the request. If the event has no actor, `status_detail` says why. */
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
    case 'ambiguous': {
      const candidates = attribution.candidates.length + (attribution.candidatesLeftOut ?? 0);
      return `ambiguous: ${candidates} candidate${candidates === 1 ? '' : 's'}`;
    }
    case 'pending':
      return 'pending: grants may still come';
    case 'system':
      return "system: no person's IAM session";
    default:
      return `${attribution.status}: ${attribution.reason}`;
  }
}
