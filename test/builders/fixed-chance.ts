import fc from 'fast-check';
import { cases, SEED } from './chance.ts';

/** Before every test file that may state properties (`setupFiles` of the configurations). */
fc.configureGlobal({ seed: SEED, numRuns: cases(100) });
