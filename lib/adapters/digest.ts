import { createHash } from 'node:crypto';
import type { TextDigest } from '../ports.ts';

/** SHA-256 as base64url: 43 characters. */
export const sha256: TextDigest = (text) => createHash('sha256').update(text).digest('base64url');
