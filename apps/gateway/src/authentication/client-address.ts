import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** @throws Error for what is no address and no CIDR */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.trim().split('/');
    const family = isIP(address);
    if (family === 0) throw new Error(`${cidr} is no network`);
    list.addSubnet(address, Number(bits ?? (family === 4 ? 32 : 128)), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

export const isWithin = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** The nearest hop that is no proxy of ours: what it says about hops before it, anybody could have said. */
export function clientAddress({ ip, headers }: FastifyRequest, proxies: BlockList): string {
  const said = String(headers['x-forwarded-for'] ?? '').split(',');
  let nearest = ip;
  for (let hop = said.pop()?.trim(); hop && isWithin(proxies, nearest); hop = said.pop()?.trim()) {
    if (isIP(hop) === 0) break;
    nearest = hop;
  }
  return nearest.replace(/^::ffff:(?=\d+\.)/, '');
}
