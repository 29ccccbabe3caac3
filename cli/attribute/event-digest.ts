import { hash } from 'node:crypto';
import type { Digest } from '../../lib/usecases/attribute/seen-events.ts';

/** Returns the SHA-256 digest of an event, which finds duplicates. */
export const eventDigest: Digest = (text) => hash('sha256', text, 'binary');
