import { configDefaults, defineConfig } from 'vitest/config';
import quick from './vitest.config.ts';

/** The tests that catch planted bugs: those of `npm test`, and the slow ones that a patch names. Each copy of the checkout has other paths, so what it compiled is of no use later. */
export default defineConfig({ test: { ...quick.test, exclude: configDefaults.exclude, fsModuleCache: false } });
