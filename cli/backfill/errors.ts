import { AwsError, asAwsError } from '../../lib/adapters/aws/aws-error.ts';
import { LookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { ContentionError } from '../../lib/adapters/dynamodb/change-item.ts';
import { UnprocessedError } from '../../lib/adapters/dynamodb/database.ts';
import { BookmarkError } from '../../lib/adapters/files/bookmark-file.ts';
import { RecordContentionError } from '../../lib/usecases/ingest/store-records.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { CommandError } from '../failures/command-error.ts';
import { type BackfillOptions, tablesSettings } from './options.ts';

/**
 * Runs a backfill. If it fails, throws a CommandError of one sentence. An SDK error that is not wrapped came from the
 * tables.
 */
export async function reportBackfillErrors(
  options: BackfillOptions,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof CommandError || signal.aborted) throw error;
    throw new CommandError(escapeForTerminal(sentenceOf(error, options)), 1, { cause: error });
  }
}

/**
 * Errors of the tables that pass if the command runs again: too many writes at once, or a concurrent change. No data is
 * lost.
 */
const TO_DO_AGAIN = [UnprocessedError, ContentionError, RecordContentionError];

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/ (?:Try again later|Deliver the batch again)\.$/, '') : '';
}

/**
 * Returns the error in a sentence for a person.
 * @throws the error itself if it is unexpected.
 */
export function sentenceOf(error: unknown, options: BackfillOptions): string {
  if (error instanceof AwsError && error.kind === 'no-region') return NO_REGION;
  if (error instanceof AwsError || error instanceof BookmarkError) return error.message;
  if (TO_DO_AGAIN.some((kind) => error instanceof kind)) return `${messageOf(error)} Run the same command again.`;
  if (error instanceof LookupError) return `LookupEvents failed: ${error.message}.`;
  return tableFault(error, options);
}

/**
 * The advice if no Region is set. It does not apply with `--lookup` or S3, where `--region` means the Region to read
 * from.
 */
const NO_REGION =
  'No Region is known for the tables and the log group: set AWS_REGION, or give a --profile that has one. --region works too, but not with --lookup or s3:// paths.';

/**
 * Returns the error of the tables in a sentence.
 * @throws the error itself if it is not from DynamoDB.
 */
function tableFault(error: unknown, options: BackfillOptions): string {
  const { table, profile } = options;
  const { region } = tablesSettings(options);
  const fault = asAwsError(error, { action: `DynamoDB's tables ${table}-…`, profile, region });
  if (fault.kind === 'not-found') {
    const where = region === undefined ? 'this account and Region' : `this account in ${region}`;
    const elsewhere =
      ' If only the log group is there, sign in to the hub, and name the other account with --read-profile and the Region with --read-region.';
    return `There are no tables ${table}-sessions, -claims and -records in ${where}: check --table, AWS_REGION and --profile.${options.logGroup === undefined ? '' : elsewhere}`;
  }
  if (fault.kind === 'no-region') return NO_REGION;
  if (fault.kind === 'failed' && !(error instanceof Error && '$metadata' in error)) throw error; // a bug
  return fault.message;
}
