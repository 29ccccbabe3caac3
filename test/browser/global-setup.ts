import type { TestProject } from 'vitest/node';
import { startService } from '../service/running-service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of the service with the examples, one for all test files. */
    readonly service: string;
  }
}

/** Starts the service with the examples once, because each start loads a whole day. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const service = await startService();
  project.provide('service', service.url);
  return () => service.stop();
}
