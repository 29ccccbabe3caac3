import type { DigestReport } from '../../lib/cloudtrail/digest-check.ts';
import { type Block, fields, heading, table, text } from '../../lib/words/document.ts';
import { counted } from '../terminal/text-table.ts';

/** Files that are named in the report; all are in JSON. */
const MOST_NAMED = 20;

/** What was verified of CloudTrail's files, and what was not, plainly. */
export function digestBlocks(report: DigestReport | undefined): readonly Block[] {
  if (report === undefined) return [];
  const { digests, unreadable, logs, chain, signatures } = report;
  const wrong = [
    ...logs.changed.map((file) => ['log file changed', file]),
    ...chain.broken.map((file) => ['digest file changed', file]),
    ...signatures.wrong.map((file) => ['signature wrong', file]),
    ...unreadable.map((file) => ['digest file unreadable', file]),
  ];
  return [
    heading(2, ["Integrity of CloudTrail's files"]),
    text([wrong.length === 0 ? 'Nothing that could be verified contradicts.' : 'Do not rely on these files:']),
    ...table(['WHAT', 'FILE'], wrong.slice(0, MOST_NAMED)),
    ...(wrong.length > MOST_NAMED ? [text([`And ${counted(wrong.length - MOST_NAMED, 'more file')}.`])] : []),
    ...fields(
      ['log files', [logsText(logs)]],
      ['digest files', [chainText(digests, chain)]],
      ['signatures', [signaturesText(signatures)]],
    ),
  ];
}

function logsText({ intact, changed, missing, unnamed }: DigestReport['logs']): string {
  return (
    `${intact} as their digest says, ${changed.length} changed, ${missing} named by a digest and not here, ` +
    `${unnamed} here and named by no digest, so not verified`
  );
}

function chainText(digests: number, { linked, broken, withoutPrevious }: DigestReport['chain']): string {
  return (
    `${digests}: ${linked} as the next one says, ${broken.length} changed; of ${withoutPrevious} the one before is not ` +
    'here, so that what was delivered before, or between, is not known'
  );
}

function signaturesText({ verified, wrong, unverified }: DigestReport['signatures']): string {
  const why =
    unverified === 0
      ? ''
      : ': no key was given for them (--digest-public-key), or no later digest file has the signature; aws cloudtrail validate-logs verifies these';
  return `${verified} verified, ${wrong.length} wrong, ${unverified} not verified${why}`;
}
