import { parseJson } from '../../json.ts';

/**
 * The length at which `Buffer.toString` begins to keep texts outside of V8's heap. They stay there until all garbage is
 * collected, which took 60 MB more for CloudTrail's files. Source: Node.js, src/string_bytes.cc, `EXTERN_APEX`.
 */
const LONG = 1_000_000;
const HEAD = Buffer.from('{"Records":[');
const SEAM = Buffer.from('},{"eventVersion":');
const END = Buffer.from(']}');

/**
 * Parses a long line as CloudTrail writes it, `{"Records":[…]}`, record by record. The result is the same as of parsing
 * the whole line. If each piece between two seams is a JSON value, the list of them is JSON too. Undefined if one is
 * not, and for any other text.
 */
export function longRecords(line: Buffer): { readonly Records: readonly unknown[] } | undefined {
  const end = line.length - END.length;
  if (line.length < LONG || !line.subarray(0, HEAD.length).equals(HEAD) || !line.subarray(end).equals(END))
    return undefined;
  const records: unknown[] = [];
  for (let from = HEAD.length; from < end; ) {
    const seam = line.indexOf(SEAM, from);
    const to = seam < 0 ? end : seam + 1;
    const parsed = parseJson(line.toString('utf8', from, to));
    if (!parsed.ok) return undefined;
    records.push(parsed.value);
    from = to + 1;
  }
  return { Records: records };
}
