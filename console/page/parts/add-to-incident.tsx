import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { holds, withRecords } from '../core/collected.ts';
import { changeIncident, collected } from '../core/incident.ts';
import { href } from '../core/place.ts';

interface AddProps {
  readonly of: readonly AuditRecord[];
  readonly label?: string;
}

/** Puts requests into the report that is collected in this tab. */
export function AddToIncident({ of, label = 'Add to the incident' }: AddProps) {
  if (holds(collected.value, of)) return <a href={href('incident')}>In the incident</a>;
  return (
    <button type="button" onClick={() => changeIncident((now) => withRecords(now, of))}>
      {label}
    </button>
  );
}
