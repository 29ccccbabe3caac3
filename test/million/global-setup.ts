import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { filledWorld } from './filled-world.ts';
import { factsOfWorld } from './world.ts';

/** Fills the world once: it takes minutes. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const filled = await filledWorld(factsOfWorld());
  project.provide('filled', filled);
  return () => rm(filled.folder, { recursive: true, force: true });
}
