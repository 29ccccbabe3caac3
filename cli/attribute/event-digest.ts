import { hash } from 'node:crypto';
import type { Digest } from '../../lib/usecases/attribute/seen-events.ts';

/** SHA-256. */
export const eventDigest: Digest = (text) => hash('sha256', text, 'binary');
