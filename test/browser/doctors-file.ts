import { runWithin } from '../builders/within.ts';

/** Runs doctor over the examples and returns its output as a file to open. */
export async function doctorsFile(): Promise<{
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}> {
  const args = ['doctor', '--offline', '--aws-auth', 'examples/aws-auth.yaml', '-o', 'json'];
  const { output } = await runWithin(args, { environment: {} });
  return { name: 'doctor.json', mimeType: 'application/json', buffer: Buffer.from(output) };
}
