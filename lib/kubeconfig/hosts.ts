/**
 * Lines for `/etc/hosts` by which a private endpoint is found: one for each address of the cluster's network
 * interfaces. All lead to the API server; a resolver takes the first, so the others are commented out, to be swapped in.
 */
export function hostsLines(server: string, addresses: readonly string[]): readonly string[] {
  const host = server.replace(/^https?:\/\//, '').replace(/[:/].*$/, '');
  return [...new Set(addresses)].sort(byNumber).map((address, index) => `${index === 0 ? '' : '# '}${address} ${host}`);
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
