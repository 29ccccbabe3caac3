import type { BuiltPage } from '../../console/page.ts';

/** Returns the page, built from its sources. */
export async function builtPage(): Promise<BuiltPage> {
  const { buildPage } = await import('../../console/build.ts');
  return buildPage();
}
