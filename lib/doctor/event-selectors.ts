import { quoted } from '../shell.ts';

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
  readonly StartsWith?: readonly string[] | undefined;
  readonly NotStartsWith?: readonly string[] | undefined;
  readonly EndsWith?: readonly string[] | undefined;
  readonly NotEndsWith?: readonly string[] | undefined;
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

/** What AssumeRole has in the fields by which management events are selected; the others differ from call to call. */
const GRANT: ReadonlyMap<string | undefined, string> = new Map([
  ['eventCategory', 'Management'],
  ['readOnly', 'true'],
  ['eventSource', 'sts.amazonaws.com'],
  ['eventName', 'AssumeRole'],
  ['eventType', 'AwsApiCall'],
]);

/** All operators that are named must hold, each for one of its values (CloudTrail API Reference, AdvancedFieldSelector). */
function passesGrant(selector: FieldSelector): boolean {
  const value = GRANT.get(selector.Field);
  if (value === undefined) return true;
  const { Equals, StartsWith, EndsWith, NotEquals = [], NotStartsWith = [], NotEndsWith = [] } = selector;
  const isOne = [
    Equals?.includes(value),
    StartsWith?.some((start) => value.startsWith(start)),
    EndsWith?.some((end) => value.endsWith(end)),
  ];
  const isBarred =
    NotEquals.includes(value) ||
    NotStartsWith.some((start) => value.startsWith(start)) ||
    NotEndsWith.some((end) => value.endsWith(end));
  return !isOne.includes(false) && !isBarred;
}

/**
 * The option of `aws cloudtrail put-event-selectors` that adds the grants and keeps all else that the trail has now. The
 * call replaces all selectors, and those of the other kind.
 */
export function withGrants({ basic, advanced }: Selectors): string {
  if (advanced.length > 0) return `--advanced-event-selectors ${quoted(JSON.stringify(advancedWithGrants(advanced)))}`;
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

/** The first selector of management events without what keeps grants out, or a new one. */
function advancedWithGrants(advanced: readonly AdvancedEventSelector[]): readonly AdvancedEventSelector[] {
  const Name = 'Management events';
  const first = advanced.find(isManagement);
  if (first === undefined)
    return [{ Name, FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }, ...advanced];
  const FieldSelectors = (first.FieldSelectors ?? []).flatMap(lettingGrantsPass);
  return advanced.map((each) => (each === first ? { Name: first.Name ?? Name, FieldSelectors } : each));
}

/** The condition where grants pass it; without STS where it bars that by name; else none. */
function lettingGrantsPass(selector: FieldSelector): readonly FieldSelector[] {
  if (passesGrant(selector)) return [selector];
  const NotEquals = selector.NotEquals?.filter((value) => value !== GRANT.get(selector.Field)) ?? [];
  const reduced = { ...selector, NotEquals };
  return NotEquals.length > 0 && passesGrant(reduced) ? [reduced] : [];
}
