import type { TestProject } from 'vitest/node';
import { startService } from '../service/running-service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the service over the examples answers: one for all files. */
    readonly service: string;
  }
}

/** Starts the service over the examples once: each start feeds a day. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const service = await startService();
  project.provide('service', service.url);
  return () => service.stop();
}
