import { fillIn } from './older-node.ts';

/** What the reading thread runs in the package: a thread has a language of its own to fill in. */
await fillIn();
await import('../cli/attribute/reading-thread/worker.ts');
