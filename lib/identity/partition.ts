/** Returns the partition of a Region by its name (AWS SDKs' partitions.json, `regionRegex`). */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  const [, iso] = /^(?:us|eu)-(iso[a-z]?)-/.exec(region) ?? [];
  if (iso === undefined) return 'aws';
  return iso === 'iso' ? 'aws-iso' : `aws-iso-${iso.slice(3)}`;
}
