import { type AuditRecord, LIST_LIMIT } from '../attribution/record.ts';
import type { Endpoint } from './event.ts';

const UNKNOWN: Endpoint = { name: 'unknown' };

/**
 * Returns the source endpoint. Only the last address is not the client's choice (record.md). A list that was cut may
 * lack it. In that case, the endpoint is unknown, because no address that the client wrote may replace it.
 */
export function sourceEndpoint(source: AuditRecord['source']): Endpoint {
  const ips = source?.ips ?? [];
  const last = ips.at(-1);
  if (last === undefined || ips.length >= LIST_LIMIT) return UNKNOWN;
  return isIpAddress(last) ? { ip: last } : { name: last };
}

/** Returns the addresses that the client wrote in `X-Forwarded-For` and `X-Real-Ip`. Undefined if there are none. */
export function forwardedFor(source: AuditRecord['source']): readonly string[] | undefined {
  const ips = source?.ips ?? [];
  const written = ips.slice(0, ips.length >= LIST_LIMIT ? ips.length : -1).filter(isIpAddress);
  return written.length === 0 ? undefined : written;
}

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);
const IPV6_GROUP = /^[0-9A-Fa-f]{1,4}$/;

/**
 * Returns whether a text is an IP address as Go writes it, and so the API server. It has no zone, and an IPv4 address
 * has its own form.
 */
function isIpAddress(text: string): boolean {
  if (IPV4.test(text)) return true;
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  return (
    groups.every((group) => IPV6_GROUP.test(group)) && (halves.length === 2 ? groups.length < 8 : groups.length === 8)
  );
}
