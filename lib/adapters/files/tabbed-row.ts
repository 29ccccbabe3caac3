import { type PieceReceiver, unwrap, unwrapMessage } from '../../envelopes/unwrap.ts';
import type { Spot } from './framing-sink.ts';

/** Matches the lines of a response that are no rows: its tokens, its state, and what it searched. */
const OTHER_LINE =
  /^(?:b\/\d+(?:\/\w)?\tf\/\d+(?:\/\w)?|(?:[A-Z]+\t)?(?:Complete|Running|Scheduled)|(?:SEARCHEDLOGSTREAMS|STATISTICS|RESOURCES|NEXTTOKEN|None)(?:\t.*)?)$/;

/**
 * Reads what the AWS CLI writes with `--output text`. Rows have cells with tabs between them, in the order of the
 * fields' names. The first cell is the name of the list. JSON has no tabs.
 */
export class TabbedRow {
  /** The row of GetQueryResults that is being read. It has a line for each field, and ends with `@ptr`. */
  #fields: [string, string][] = [];

  /** Reads the line if it belongs to such a response. Returns whether it does. */
  takes(line: string, spot: Spot, to: PieceReceiver): boolean {
    if (OTHER_LINE.test(line)) return true;
    const [list, ...cells] = line.split('\t');
    if (list === 'RESULTS' && cells.length > 1) this.#field(cells, spot, to);
    else if (list === 'EVENTS' && cells.length > 1) readEvent(cells, spot, to);
    else if (/^\d{13}$/.test(list ?? '') && cells[0]?.startsWith('{'))
      readMessage(cells.join('\t'), undefined, spot, to);
    else return false;
    return true;
  }

  #field([name = '', ...value]: readonly string[], spot: Spot, to: PieceReceiver): void {
    this.#fields.push([name, value.join('\t')]);
    if (name !== '@ptr') return;
    unwrap(Object.fromEntries(this.#fields), spot.place, to);
    this.#fields = [];
  }
}

/**
 * Reads an event of FilterLogEvents, GetLogEvents or LookupEvents. Only one of FilterLogEvents begins with its long ID.
 */
function readEvent(cells: readonly string[], spot: Spot, to: PieceReceiver): void {
  const [first = '', , stream] = cells;
  if (/^\d{20,}$/.test(first)) return readMessage(cells.slice(3, -1).join('\t'), stream, spot, to);
  if (/^\d{13}$/.test(first)) return readMessage(cells.slice(1, -1).join('\t'), undefined, spot, to);
  const record = cells.find((cell) => cell.startsWith('{'));
  if (record === undefined) to.reject('unrecognized', spot.place, cells.join('\t'));
  else unwrap({ CloudTrailEvent: record }, spot.place, to);
}

function readMessage(message: string, stream: string | undefined, { place }: Spot, to: PieceReceiver): void {
  unwrapMessage(message, { stream }, place, to);
}
