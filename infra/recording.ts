import { parseRecording, RecordingError } from '../lib/audit/recording.ts';
import { type Checked, type Reader, text } from './parameter-kinds.ts';

/** The shape alone, which editors and CloudFormation know. */
export const RECORDING_SHAPE = /^(?:all|omit-reads:[a-z0-9*./, -]{1,1024})$/;

const shaped = text(RECORDING_SHAPE, 'all, or omit-reads: with resources behind it (omit-reads:events,leases)');

/** The parameter `record`, as the functions would read it too. */
export const recording: Reader<string> = Object.assign(read, { schema: shaped.schema });

function read(value: unknown): Checked<string> {
  const found = shaped(value);
  if (!found.ok) return found;
  try {
    parseRecording(found.value);
    return found;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { ok: false, problems: [error.message.replace(/\.$/, '')] };
  }
}
