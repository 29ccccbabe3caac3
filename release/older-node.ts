/** Adds what the sources use and the running Node.js does not have: Node.js 20 and 22 lack some of it, and 24 nothing. */
export async function fillIn(): Promise<void> {
  if (typeof AsyncDisposableStack === 'undefined') await import('./core-js.ts');
}
