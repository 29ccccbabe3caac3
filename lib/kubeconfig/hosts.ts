/**
 * Returns lines for `/etc/hosts` that resolve a private endpoint, one for each address of the cluster's network
 * interfaces. Every address leads to the API server. A resolver uses the first, so the others are commented out as
 * alternatives.
 */
export function hostsLines(server: string, addresses: readonly string[]): readonly string[] {
  const host = server.replace(/^https?:\/\//, '').replace(/[:/].*$/, '');
  return [...new Set(addresses)].sort(byNumber).map((address, index) => `${index === 0 ? '' : '# '}${address} ${host}`);
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
