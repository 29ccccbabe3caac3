/** The numbers of audit events and CloudTrail records in the files of one option. */
export interface ReadKinds {
  readonly events: number;
  readonly trailRecords: number;
}

/** What the files of `--audit` and `--cloudtrail` have. Undefined for an option that was not given. */
export interface ReadInputs {
  readonly audit?: ReadKinds | undefined;
  readonly cloudtrail?: ReadKinds | undefined;
}

/**
 * Returns a sentence if all files of an option belong to the other option, for example an audit log in `--cloudtrail`.
 * Undefined if each option has something of its own kind, or nothing.
 */
export function exchangedKinds({ audit, cloudtrail }: ReadInputs): string | undefined {
  const records = audit?.events === 0 ? audit.trailRecords : 0;
  const events = cloudtrail?.trailRecords === 0 ? cloudtrail.events : 0;
  const ofAudit = `--audit contains ${counted(records, 'CloudTrail record')} and no audit event.`;
  const ofTrail = `--cloudtrail contains ${counted(events, 'audit event')} and no CloudTrail record.`;
  if (records > 0 && events > 0) return `${ofAudit} ${ofTrail} Exchange the two.`;
  if (records > 0) return `${ofAudit} Give the audit log of the API server there, and the trail in --cloudtrail.`;
  return events > 0 ? `${ofTrail} Give the files of the trail.` : undefined;
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
