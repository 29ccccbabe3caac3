import { quoted } from './shell.ts';

/** The event selectors of a trail, as CloudTrail answers (CloudTrail API Reference, EventSelector). */
export interface EventSelector {
  readonly ReadWriteType?: string | undefined;
  readonly IncludeManagementEvents?: boolean | undefined;
  readonly DataResources?: readonly unknown[] | undefined;
  readonly ExcludeManagementEventSources?: readonly string[] | undefined;
}

/** CloudTrail API Reference, AdvancedEventSelector. */
export interface AdvancedEventSelector {
  readonly Name?: string | undefined;
  readonly FieldSelectors: readonly FieldSelector[] | undefined;
}

export interface FieldSelector {
  readonly Field: string | undefined;
  readonly Equals?: readonly string[] | undefined;
  readonly NotEquals?: readonly string[] | undefined;
}

/** A trail has selectors of one kind, those of the other are empty. */
export interface Selectors {
  readonly basic: readonly EventSelector[];
  readonly advanced: readonly AdvancedEventSelector[];
}

/** Whether AssumeRole and its kin, which are read-only management events, pass the selectors. */
export function carriesGrants({ basic, advanced }: Selectors): boolean {
  if (basic.some((each) => takesManagement(each) && each.ReadWriteType !== 'WriteOnly')) return true;
  return advanced.some((each) => isManagement(each) && (each.FieldSelectors ?? []).every(passesGrant));
}

/** CloudTrail includes management events unless it is told otherwise. */
function takesManagement({ IncludeManagementEvents = true }: EventSelector): boolean {
  return IncludeManagementEvents;
}

function isManagement({ FieldSelectors = [] }: AdvancedEventSelector): boolean {
  return FieldSelectors.some(({ Field, Equals }) => Field === 'eventCategory' && Equals?.includes('Management'));
}

function passesGrant({ Field, Equals, NotEquals }: FieldSelector): boolean {
  const value = Field === 'readOnly' ? 'true' : Field === 'eventSource' ? 'sts.amazonaws.com' : undefined;
  if (value === undefined) return true;
  return (Equals === undefined || Equals.includes(value)) && NotEquals?.includes(value) !== true;
}

/**
 * The option of `aws cloudtrail put-event-selectors` that adds the grants and keeps the data events that the trail has
 * now. The call replaces all selectors, and those of the other kind.
 */
export function withGrants({ basic, advanced }: Selectors): string {
  if (advanced.length > 0) {
    const management = {
      Name: 'Management events',
      FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }],
    };
    const kept = advanced.filter((each) => !isManagement(each));
    return `--advanced-event-selectors ${quoted(JSON.stringify([management, ...kept]))}`;
  }
  const excluded = basic.find(takesManagement)?.ExcludeManagementEventSources ?? [];
  const management = {
    ReadWriteType: 'All',
    IncludeManagementEvents: true,
    ...(excluded.length > 0 && { ExcludeManagementEventSources: excluded }),
  };
  const kept = basic
    .filter(({ DataResources = [] }) => DataResources.length > 0)
    .map(({ ReadWriteType, DataResources }) => ({ ReadWriteType, IncludeManagementEvents: false, DataResources }));
  return `--event-selectors ${quoted(JSON.stringify([management, ...kept]))}`;
}
