import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether an address belongs to the public internet: not this machine, its network, or a metadata service. */
export function isPublicAddress(address: string): boolean {
  const parsed = ipaddr.process(address); // IPv4 inside IPv6 counts as what it is
  if (parsed.range() !== 'unicast') return false;
  // Only 2000::/3 is given out; the rest holds forms such as ::127.0.0.1 that hide an IPv4 address.
  return parsed instanceof ipaddr.IPv4 || ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000;
}

/** Why notifications do not go to a URL, as far as the URL itself tells; names are looked up by the worker. */
export function webhookObjection(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined; // the schema says so
  const { protocol, hostname } = new URL(text);
  if (protocol !== 'https:') return 'must begin with https://, unless WEBHOOK_ALLOW_PRIVATE=true';
  const host = hostname.replace(/^\[|\]$/g, '');
  const isPrivate = host === 'localhost' || (isIP(host) !== 0 && !isPublicAddress(host));
  return isPrivate ? 'must not lead to a private address, unless WEBHOOK_ALLOW_PRIVATE=true' : undefined;
}
