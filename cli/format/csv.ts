import { csvHeader, csvRecord } from '../../lib/words/record-csv.ts';
import type { RecordWriter } from './record-writer.ts';

/** CSV with a header (RFC 4180). */
export function csvFormat(): RecordWriter {
  let header = csvHeader();
  const withHeader = (text: string): string => {
    const all = header + text;
    header = '';
    return all;
  };
  return {
    record: (record) => withHeader(csvRecord(record)),
    end: () => withHeader(''),
  };
}
