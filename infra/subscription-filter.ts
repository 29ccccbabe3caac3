/**
 * The filter patterns that subscriptions carry (CloudWatch Logs User Guide, "Filter pattern syntax", JSON); that of a cluster's
 * audit log is in lib/identity/audit-filter.ts, since doctor has it too.
 */

/** Of a trail's log group, by `eventSource` the records of these names; denied calls have an errorCode. */
export function trailFilterPattern(eventNames: Readonly<Record<string, readonly string[]>>): string {
  const sources = Object.entries(eventNames).map(([source, names]) => {
    const named = names.map((name) => `$.eventName = "${name}"`).join(' || ');
    return `($.eventSource = "${source}" && (${named}))`;
  });
  return `{ $.errorCode NOT EXISTS && (${sources.join(' || ')}) }`;
}

/** What a cluster's filter is called, listed or found. */
export function auditFilterName({ prefix }: { readonly prefix: string }): string {
  return `${prefix}-audit`;
}
