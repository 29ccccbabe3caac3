/** Adds features that the sources use but the running Node.js lacks: some in Node.js 20 and 22, none in 24. */
export async function fillIn(): Promise<void> {
  if (typeof AsyncDisposableStack === 'undefined') await import('./core-js.ts');
}
