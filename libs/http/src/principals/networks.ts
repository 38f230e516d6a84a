import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

interface Network {
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An address or CIDR as it is kept: IPv4 written as IPv6 becomes IPv4. Null for what is neither. */
export function normalNetwork(text: string): string | null {
  const network = networkOf(text);
  if (!network) return null;
  const { address, bits, family } = network;
  return bits === (family === 'ipv4' ? 32 : 128) ? address : `${address}/${bits}`;
}

/** What is in any of them. @throws Error for what is no address and no CIDR */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const network = networkOf(cidr);
    if (!network) throw new Error(`${cidr} is no network`);
    list.addSubnet(network.address, network.bits, network.family);
  }
  return list;
}

/** The networks of a setting such as `TRUSTED_PROXIES`, comma separated. @throws Error */
export const networksOf = (setting: string): BlockList =>
  networks(setting.split(',').filter((each) => each.trim() !== ''));

export const isWithin = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** What a client is counted by: its address, or of IPv6 the /64 in which one host has more addresses than it needs. */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail === undefined) return groups.slice(0, 4).join(':');
  const behind = tail === '' ? [] : tail.split(':');
  const dotted = behind.at(-1)?.includes('.') ? 1 : 0;
  const zeros = Array<string>(Math.max(0, 8 - groups.length - behind.length - dotted)).fill('0');
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':');
}

const lists = new WeakMap<readonly string[], BlockList>();

/** Whether a credential bound to these networks may be used from the address; bound to none, from everywhere. */
export function isAllowedFrom(allowed: readonly string[] | undefined, address: string): boolean {
  if (!allowed?.length) return true;
  const list = lists.get(allowed) ?? networks(allowed);
  lists.set(allowed, list);
  return isWithin(list, address);
}

/** The nearest hop that is no proxy of ours: what it says about hops before it, anybody could have said. */
export function clientAddress(
  { ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>,
  proxies: BlockList,
): string {
  const said = String(headers['x-forwarded-for'] ?? '').split(',');
  let nearest = ip;
  for (let hop = said.pop()?.trim(); hop && isWithin(proxies, nearest); hop = said.pop()?.trim()) {
    if (isIP(hop) === 0) break;
    nearest = hop;
  }
  return MAPPED.exec(nearest)?.[1] ?? nearest;
}

function networkOf(text: string): Network | null {
  const [given = '', size, ...rest] = text.trim().split('/');
  const version = isIP(given);
  const most = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || given.includes('%')) return null;
  if (size !== undefined && !/^(0|[1-9]\d{0,2})$/.test(size)) return null;
  const bits = size === undefined ? most : Number(size);
  if (bits > most) return null;
  const [, mapped] = MAPPED.exec(given) ?? [];
  if (mapped && bits >= 96) return { address: mapped, bits: bits - 96, family: 'ipv4' };
  return { address: given.toLowerCase(), bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}
