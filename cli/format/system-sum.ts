/** The line that sums what the cluster itself and AWS did, below the rows of everybody else. */
export function systemSum(requests: string, more: string): string {
  return `and ${requests} of the cluster itself and AWS${more}: --status system shows them\n`;
}

/** The line that sums requests that nobody authenticated: a load balancer's checks, or somebody's first probing. */
export function anonymousSum(requests: string, more: string): string {
  return `and ${requests} that were not authenticated (anonymous), nobody's${more}: --status system shows them\n`;
}
