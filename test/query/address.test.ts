import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressMatcher, addressOf } from '../../lib/usecases/query/filter.ts';

function isIn(address: string, block: string): boolean | undefined {
  const [matcher, parsed] = [addressMatcher(block), addressOf(address)];
  return matcher === undefined || parsed === undefined ? undefined : matcher(parsed);
}

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.0/24', true],
    ['203.0.114.7', '203.0.113.0/24', false],
    ['203.0.113.7', '203.0.113.9/24', true],
    ['203.0.113.7', '0.0.0.0/0', true],
    ['2001:db8::7', '0.0.0.0/0', false],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7', true],
    ['2001:db8::7', '2001:db8::/32', true],
    ['2001:db9::7', '2001:db8::/32', false],
    ['::ffff:192.0.2.1', '192.0.2.0/24', true],
    ['::ffff:c000:201', '192.0.2.1', true],
    ['192.0.2.1', '::ffff:192.0.2.0/120', true],
    ['fe80::1%eth0', 'fe80::1', true],
    ['::', '::/0', true],
  ])('%s within %s: %s', (address, block, expected) => {
    expect(isIn(address, block)).toBe(expected);
  });

  it.each([
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '/8',
    '',
    '256.0.0.1',
    '010.0.0.1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
    'g::',
    ':1',
    '::1/129',
    '1.2.3.4::',
    '::ffff:10.0.0.0/8',
    '1:2:3:4:5:6:7:8::',
    '10.0.0.1 ',
  ])('is not an address or prefix: "%s"', (text) => {
    expect(addressMatcher(text)).toBeUndefined();
  });

  it('is valid exactly if Node.js accepts it', () => {
    const near = fc.stringMatching(/^[\da-f:.]{2,24}$/);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), near), (text) => {
        expect(addressOf(text) !== undefined).toBe(isIP(text) !== 0);
      }),
    );
  });

  it('is within a prefix exactly if Node.js says so', () => {
    const four = fc.record({ address: fc.ipV4(), network: fc.ipV4(), bits: fc.nat(32), type: fc.constant('ipv4') });
    const six = fc.record({ address: fc.ipV6(), network: fc.ipV6(), bits: fc.nat(128), type: fc.constant('ipv6') });
    fc.assert(
      fc.property(fc.oneof(four, six), ({ address, network, bits, type }) => {
        const family = type === 'ipv4' ? 'ipv4' : 'ipv6';
        const list = new BlockList();
        list.addSubnet(network, bits, family);
        fc.pre(!/^::ffff:/i.test(address) && !/^::ffff:/i.test(network));
        expect(isIn(address, `${network}/${bits}`)).toBe(list.check(address, family));
        expect(isIn(network, `${network}/${bits}`)).toBe(true);
      }),
    );
  });
});
