/** The line that sums what the cluster itself and AWS did, below the rows of everybody else. */
export function systemSum(requests: string, more: string): string {
  return `and ${requests} of the cluster itself and AWS${more}: --status system shows them\n`;
}
