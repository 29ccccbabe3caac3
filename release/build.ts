import { bundlePage } from '../console/build.ts';
import { buildPackage } from './package.ts';

await buildPackage(await bundlePage());
