/**
 * Returns lines for `/etc/hosts` that resolve a private endpoint. There is one for each address of the cluster's
 * network interfaces, and each leads to the API server. Resolvers use the first line, so the others are comments.
 */
export function hostsLines(server: string, addresses: readonly string[]): readonly string[] {
  const host = server.replace(/^https?:\/\//, '').replace(/[:/].*$/, '');
  return [...new Set(addresses)].sort(byNumber).map((address, index) => `${index === 0 ? '' : '# '}${address} ${host}`);
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
