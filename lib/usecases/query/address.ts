import ipaddr from 'ipaddr.js';

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Whether a source address is the one that is asked for, or lies within the asked prefix (`10.0.0.0/8`, `2001:db8::/32`).
 * Undefined where the asked text is neither. IPv4 addresses in IPv6 form (`::ffff:192.0.2.1`) count as IPv4.
 */
export function addressMatcher(asked: string): ((address: Address) => boolean) | undefined {
  const range = rangeOf(asked);
  if (range === undefined) return undefined;
  const [network, bits] = range;
  return (address) => address.kind() === network.kind() && address.match(network, bits);
}

/** A source address as it is compared. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Undefined where the text is no address: whoever called may have written it (`X-Forwarded-For`). */
export function addressOf(text: string): Address | undefined {
  try {
    return ipaddr.process(text);
  } catch {
    return undefined; // ipaddr.js says so by an error
  }
}

function rangeOf(asked: string): Range | undefined {
  const [text = ''] = asked.split('/');
  // `10.0.0` would be read as 10.0.0.0: whoever writes it means a prefix.
  if (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  if (ipaddr.isValidCIDR(asked)) return ipaddr.parseCIDR(asked);
  if (!ipaddr.isValid(asked)) return undefined;
  const address = ipaddr.process(asked);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
