/** A source address as it is compared: 32 or 128 bits. IPv4 addresses in IPv6 form (`::ffff:192.0.2.1`) are IPv4. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/**
 * Whether a source address is the one that is asked for, or lies within the asked prefix (`10.0.0.0/8`, `2001:db8::/32`).
 * Undefined where the asked text is neither.
 */
export function addressMatcher(asked: string): ((address: Address) => boolean) | undefined {
  const [, text = '', given] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(asked) ?? [];
  const network = addressOf(text);
  if (network === undefined) return undefined;
  const cut = given === undefined ? 0 : writtenBits(text) - Number(given);
  if (cut < 0 || cut > network.bits) return undefined;
  const shift = BigInt(cut);
  return ({ bits, value }) => bits === network.bits && value >> shift === network.value >> shift;
}

/** A prefix of an IPv4 address in IPv6 form counts the bits before it too. */
function writtenBits(text: string): number {
  return text.includes(':') ? 128 : 32;
}

/** Undefined where the text is no address: whoever called may have written it (`X-Forwarded-For`). Source: RFC 4291, 2.2. */
export function addressOf(text: string): Address | undefined {
  if (!text.includes(':')) return ipv4(text);
  const groups = groupsOf(text.replace(/%[\w.-]+$/, ''));
  if (groups === undefined) return undefined;
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/** Four decimal parts: `10.0.0` is an address to some programs, and whoever writes it means a prefix. */
function ipv4(text: string): Address | undefined {
  const parts = IPV4.test(text) ? text.split('.').map(Number) : [];
  if (parts.length === 0 || parts.some((part) => part > 255)) return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
}

const GROUPS = 8;

/** The eight groups of an IPv6 address, of which `::` leaves out some, and an IPv4 address at the end says two. */
function groupsOf(text: string): readonly number[] | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const [first, last] = [groupsIn(head, tail === undefined), groupsIn(tail ?? '', true)];
  if (first === undefined || last === undefined) return undefined;
  const left = GROUPS - first.length - last.length;
  if (tail === undefined ? left !== 0 : left < 1) return undefined;
  return [...first, ...new Array<number>(left).fill(0), ...last];
}

function groupsIn(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const embedded = isEnd ? ipv4(groups.at(-1) ?? '') : undefined;
  const plain = embedded === undefined ? groups : groups.slice(0, -1);
  if (plain.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return undefined;
  const numbers = plain.map((group) => Number.parseInt(group, 16));
  return embedded === undefined
    ? numbers
    : [...numbers, Number(embedded.value >> 16n), Number(embedded.value & 0xffffn)];
}
