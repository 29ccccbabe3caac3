import module from 'node:module';

/** What the reading thread begins with: a thread has a cache of compiled code of its own, to be asked for before the code is. */
module.enableCompileCache?.();
await import('./reading.ts');
