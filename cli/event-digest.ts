import { hash } from 'node:crypto';
import type { Digest } from '../lib/pipeline/seen-events.ts';

/** SHA-256. */
export const eventDigest: Digest = (text) => hash('sha256', text, 'binary');
