import { runWithin } from '../builders/within.ts';

/** What doctor writes of the examples, as somebody opens it. */
export async function doctorsFile(): Promise<{
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}> {
  const args = ['doctor', '--offline', '--aws-auth', 'examples/aws-auth.yaml', '-o', 'json'];
  const { output } = await runWithin(args, { environment: {} });
  return { name: 'doctor.json', mimeType: 'application/json', buffer: Buffer.from(output) };
}
