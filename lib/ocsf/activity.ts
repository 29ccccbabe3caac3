import type { AuditRequest } from '../audit/audit-event.ts';
import { CLASS } from './event.ts';

const ACTIVITIES = { Unknown: 0, Create: 1, Read: 2, Update: 3, Delete: 4, Other: 99 } as const;
type Activity = keyof typeof ACTIVITIES;

/**
 * The OCSF activities by the API server's verbs. For a request without a resource, the verb is the HTTP method in lower
 * case. Source: k8s.io/apiserver/pkg/endpoints/request, `RequestInfo.Verb`.
 */
const BY_VERB: ReadonlyMap<string, Activity> = new Map([
  ['create', 'Create'],
  ['post', 'Create'],
  ['get', 'Read'],
  ['list', 'Read'],
  ['watch', 'Read'],
  ['head', 'Read'],
  ['options', 'Read'],
  ['update', 'Update'],
  ['put', 'Update'],
  ['patch', 'Update'],
  ['delete', 'Delete'],
  ['deletecollection', 'Delete'],
]);

/**
 * Subresources whose verb does not show the activity. `kubectl exec` over a websocket is a `get`, but reads nothing.
 */
const CONNECTING: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);

export interface ActivityFields {
  readonly activity_id: number;
  readonly activity_name: string;
  readonly type_uid: number;
  readonly type_name: string;
}

export function activityFields(request: AuditRequest | undefined): ActivityFields {
  const activity = activityOf(request);
  const id = ACTIVITIES[activity];
  return {
    activity_id: id,
    activity_name: activity === 'Other' ? (otherName(request) ?? activity) : activity,
    type_uid: CLASS.class_uid * 100 + id,
    type_name: `${CLASS.class_name}: ${activity}`,
  };
}

function activityOf(request: AuditRequest | undefined): Activity {
  const { verb, subresource } = request ?? {};
  if (subresource !== undefined && CONNECTING.has(subresource)) return 'Other';
  return verb === undefined ? 'Unknown' : (BY_VERB.get(verb.toLowerCase()) ?? 'Other');
}

/**
 * Returns the source's own word for the activity. The schema requires this word if it has no number for the activity.
 */
function otherName(request: AuditRequest | undefined): string | undefined {
  const { verb, subresource } = request ?? {};
  return subresource !== undefined && CONNECTING.has(subresource) ? subresource : verb;
}
